//! `attache test`

mod facts;
mod file;
mod question;

use std::path::PathBuf;
use std::process::ExitCode;

use attache_ambient::Ambient;
use clap::{Args, ValueEnum};
use serde_json::json;

use super::CliError;
use super::output::{note, say};
use facts::World;
use file::File;
use question::{Answer, Outcome, Question};

/// The form of the file, for `--help`.
const FORM: &str = "\
The file, in YAML; paths in it begin at its folder. All of it can be left out but one expectation.
  catalogue: access/catalogue.toml   the catalogue, or a folder that holds it; else the starting one
  import: facts                      a folder with files as `attache import` takes them
  facts:                             the same rows, here: resources, users, groups, services,
    users: [{key: kim}]              group_users, memberships, grants, each with the files' columns
  at: 2027-03-01                     when the questions are asked; now if left out
  can:                               may somebody do something on a resource?
    - {user: kim, permission: customers.view, resource: customer:mill, expect: true}
  members:                           exactly these are attached (direct), or see it (effective)
    - {resource: customer:mill, effective: [kim]}
  resources:                         exactly these a user sees, besides the tenant
    - {user: kim, expect: [customer:mill]}
  who_can:                           exactly these may: users, groups, services
    - {permission: customers.users.add, resource: customer:mill, users: []}
Each can say another `at`; can and who_can take parameters: {inboxId: 7}.";

/// Test a team's expectations of its roles and facts, without a server.
///
/// Imports the facts into a temporary tenant, and asks each expectation as a server
/// would. A failure is shown with each step of the decision.
///
/// Exit code 0 if all expectations hold, 1 if one does not, 2 if the file cannot be read
/// or an expectation makes no sense, such as one about an unknown user.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache test access.yaml
  attache test access.yaml --strict --output json

{FORM}"))]
pub(super) struct Test {
    /// The file with facts and expectations.
    file: PathBuf,
    /// Text for people, or JSON for programs.
    #[arg(long, value_enum, default_value = "lines", value_name = "FORM")]
    output: Form,
    /// Same as --output json.
    #[arg(long, conflicts_with = "output")]
    json: bool,
    /// Treat an expected denial of a permission or parameter that the catalogue does not
    /// have as an error. Without this, attache warns of it.
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    Lines,
    Json,
}

impl Test {
    pub(super) async fn run(self) -> Result<ExitCode, CliError> {
        super::data::quietly()?;
        let file = File::read(&self.file)?;
        let shown = self.file.display();
        let now = Ambient::of_the_machine().now();
        let questions = Question::all(&file, now)
            .map_err(|(line, reason)| CliError::new(format!("{shown}:{line}: {reason}")))?;
        // Facts that are expired at the first question are still imported, and then time
        // moves on.
        let first = questions.iter().map(|question| question.at).min();
        let mut world = World::of(&file, &self.file, first.unwrap_or(now)).await?;
        let mut by_time: Vec<usize> = (0..questions.len()).collect();
        by_time.sort_by_key(|place| questions.get(*place).map(|question| question.at));
        let mut answers: Vec<Option<Answer>> = questions.iter().map(|_| None).collect();
        let mut failed = None;
        for place in by_time {
            let (Some(question), Some(answer)) = (questions.get(place), answers.get_mut(place))
            else {
                continue;
            };
            world.pass_until(question.at);
            match question.ask(&world.api).await {
                Ok(given) => *answer = Some(given),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        world.close().await;
        match failed {
            Some(error) => Err(error),
            None => self.tell(&questions, answers.into_iter().flatten()),
        }
    }

    fn form(&self) -> Form {
        match self.json {
            true => Form::Json,
            false => self.output,
        }
    }

    fn tell(
        &self,
        questions: &[Question<'_>],
        answers: impl Iterator<Item = Answer>,
    ) -> Result<ExitCode, CliError> {
        let shown = self.file.display();
        let (mut held, mut failed, mut senseless) = (0, 0, 0);
        let mut all = Vec::new();
        for (question, answer) in questions.iter().zip(answers) {
            let (line, words) = (question.line, question.words());
            let outcome = match (answer.outcome, &answer.warning) {
                (Outcome::Holds, Some(warning)) if self.strict => {
                    Outcome::Senseless(warning.clone())
                }
                (outcome, _) => outcome,
            };
            let (result, lines) = match outcome {
                Outcome::Holds => {
                    held += 1;
                    ("holds", Vec::new())
                }
                Outcome::Fails(lines) => {
                    failed += 1;
                    ("fails", lines)
                }
                Outcome::Senseless(reason) => {
                    senseless += 1;
                    ("error", vec![reason])
                }
            };
            if self.form() == Form::Json {
                all.push(json!({
                    "line": line,
                    "expectation": words,
                    "result": result,
                    "reason": lines,
                    "warning": answer.warning,
                }));
                continue;
            }
            if let Some(warning) = answer.warning.filter(|_| result != "error") {
                note(format!("{shown}:{line}: warning: {words}: {warning}"))?;
            }
            if result != "holds" {
                say(format!("{shown}:{line}: {result}: {words}"))?;
                for line in lines {
                    say(format!("    {line}"))?;
                }
            }
        }
        match self.form() {
            Form::Json => say(serde_json::to_string_pretty(&json!({
                "held": held,
                "failed": failed,
                "errors": senseless,
                "expectations": all,
            }))?)?,
            Form::Lines => {
                let total = super::output::counted(questions.len(), "expectation");
                let mut parts = vec![format!("{held} held"), format!("{failed} failed")];
                if senseless > 0 {
                    parts.push(format!("{senseless} made no sense"));
                }
                say(format!("{total}: {}", parts.join(", ")))?;
            }
        }
        Ok(ExitCode::from(match (senseless, failed) {
            (0, 0) => 0,
            (0, _) => 1,
            _ => 2,
        }))
    }
}
