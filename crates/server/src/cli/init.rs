//! `attache init`

use std::process::ExitCode;

use attache_core::HeadRequest;
use attache_core::model::Profile;
use clap::Args;

use super::CliError;
use super::data::{self, Place};
use super::output::{note, say};
use super::tenant;
use attache_ambient::Ambient;
use attache_tenants::Tenants;

/// Create a data folder, or the configured database, with a first tenant, its first admin
/// and a first API token.
///
/// The token is printed once, and may do everything in the tenant: guard it like a
/// password.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  attache init --tenant acme --domain acme.example \\
               --admin-email ada@acme.example --admin-name \"Ada Okafor\"

The admin is named #1 until it has a key:
  attache user change '#1' --key ada")]
pub(super) struct Init {
    /// The tenant's short name: a-z, 0-9 and hyphens.
    #[arg(long, value_name = "SLUG")]
    tenant: String,
    /// The tenant's display name; the slug if left out.
    #[arg(long)]
    name: Option<String>,
    /// A web domain at which the tenant's users reach its product. Can be repeated.
    #[arg(long = "domain", value_name = "DOMAIN")]
    domains: Vec<String>,
    /// The e-mail address of the first admin.
    #[arg(long, value_name = "EMAIL")]
    admin_email: String,
    /// The name of the first admin.
    #[arg(long, value_name = "NAME")]
    admin_name: Option<String>,
}

impl Init {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let head = place.head.request()?;
        let profile = tenant::admin(&self.admin_email, self.admin_name.as_deref())?;
        let config = place.config()?;
        data::quietly()?;
        let tenants = data::open(
            &config,
            Ambient::of_the_machine_with(config.clock()),
            config.settings(),
        )
        .await?;
        let token = data::within(tenants, async |tenants| {
            self.within(tenants, &head, profile).await
        })
        .await?;
        note(format!("The data is at {}.", config.location()?))?;
        note(
            "The token of the service `first` may do everything in the tenant. It is not shown again:",
        )?;
        say(token)?;
        note("Next: attache serve")?;
        Ok(ExitCode::SUCCESS)
    }

    /// Checks that the installation has no tenant yet. `attache tenant create` makes
    /// further ones.
    fn must_be_first(&self, tenants: &Tenants) -> Result<(), CliError> {
        let slug = &self.tenant;
        let rows = tenants.directory().all();
        let Some(first) = rows.first() else {
            return Ok(());
        };
        if rows.iter().any(|row| row.slug == *slug) {
            return Err(CliError::new(format!(
                "this installation has a tenant {slug} already; nothing was changed"
            ))
            .with_hint(&format!(
                "Next: attache serve. A token more: attache token create --tenant {slug} \
                 --service NAME --grant admin"
            )));
        }
        Err(CliError::new(format!(
            "this installation has the tenant {} already; nothing was changed",
            first.slug
        ))
        .with_hint(&format!(
            "Another tenant: attache tenant create {slug} --admin-email {}",
            self.admin_email
        )))
    }

    async fn within(
        &self,
        tenants: &Tenants,
        head: &HeadRequest,
        profile: Profile,
    ) -> Result<String, CliError> {
        self.must_be_first(tenants)?;
        let name = self.name.as_deref().unwrap_or(&self.tenant);
        let row = tenant::new_row(tenants, &self.tenant, &self.domains)?;
        let (token, commands) = tenant::first(tenants, row.id, profile)?;
        // One entry, since a tenant without its admin or token would be useless.
        tenant::create(tenants, &row, name, head, commands).await?;
        Ok(token.reveal().to_owned())
    }
}
