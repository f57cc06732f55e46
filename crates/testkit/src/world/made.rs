//! The database that every world starts with: made once per process, and copied.

use std::collections::HashMap;
use std::sync::Arc;

use attache_ambient::{Ambient, Scripted};
use attache_http::Limits;
use attache_http::operator_token::OperatorToken;
use attache_jwt as jwt;
use tokio::sync::OnceCell;

use super::{BEGINNING, World, acme, globex};

/// The name of the database, in a world's folder.
pub(super) const FILE: &str = "log.sqlite";

/// A log on disk with the tenants acme and globex.
pub(super) struct Made {
    database: Vec<u8>,
    /// The API token of each service, by the service's name.
    pub(super) tokens: HashMap<String, String>,
    clock: Arc<Scripted>,
    ambient: Ambient,
}

impl Made {
    /// Returns the log of this process.
    pub(super) async fn once() -> &'static Self {
        static MADE: OnceCell<Made> = OnceCell::const_new();
        MADE.get_or_init(Self::new).await
    }

    async fn new() -> Self {
        let clock = Arc::new(Scripted::at(BEGINNING.parse().unwrap()));
        let ambient = Ambient::new(clock.clone());
        let apart = Scripted::at(BEGINNING.parse().unwrap());
        let operator = OperatorToken::new(&Ambient::new(Arc::new(apart)));
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let time = (clock.clone(), ambient.clone());
        let (limits, jwt) = (Limits::default(), jwt::Settings::default());
        let mut world = World::serve(time, operator, limits, jwt, folder.clone()).await;
        acme::build(&mut world).await;
        globex::build(&mut world).await;
        // Closing merges everything into the one file.
        world.tenants.close().await;
        Self {
            database: std::fs::read(folder.path().join(FILE)).unwrap(),
            tokens: world.tokens,
            clock,
            ambient,
        }
    }

    /// Copies the database into a new folder.
    pub(super) fn folder(&self) -> Arc<tempfile::TempDir> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), &self.database).unwrap();
        Arc::new(folder)
    }

    /// Returns a clock at the time of making, with randomness that continues from there.
    pub(super) fn time(&self) -> (Arc<Scripted>, Ambient) {
        let clock = Arc::new(self.clock.continued());
        let ambient = self.ambient.over(clock.clone());
        (clock, ambient)
    }
}
