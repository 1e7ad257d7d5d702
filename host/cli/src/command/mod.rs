//! What each command does, one file a command or a family of them.

mod adopt;
mod cases;
mod check;
mod day;
mod explain;
mod init;
mod merges;
mod password;
mod plugin;
mod prove;
mod quality;
mod reference;
mod run;
mod status;
mod tenants;

use crate::args::{Arguments, CaseAction, Command, Compare, PluginAction};
use crate::config;
use crate::error::CliError;
use crate::explain::Question;
use crate::output::{Progress, Screen};
use crate::run::Reconcile;
use cases::Answer;
use sluss_engine::person::PersonId;
use std::future::Future;

/// Carries out what the command line asks for. Returns the exit code.
pub fn carry_out(arguments: &Arguments, screen: &Screen) -> Result<u8, CliError> {
    let configured = || config::load(&arguments.global.config);
    let progress = Progress::new(screen.quiet, screen.json);
    match &arguments.command {
        Command::Init { folder } => init::init(folder, screen),
        Command::Check => wait(check::check(&arguments.global.config, screen, &progress)),
        Command::Plan { out, policy, on } => {
            let config = configured()?;
            wait(run::plan(&config, screen, &progress, out.as_deref(), policy, *on))
        }
        Command::Run { reconcile, on, tenants: Some(folder), jobs } => {
            tenants::run(folder, screen, &progress, compared(*reconcile), *on, *jobs)
        }
        Command::Run { reconcile, on, .. } => {
            wait(run::run(&configured()?, screen, &progress, compared(*reconcile), *on))
        }
        Command::Apply { plan, on } => wait(run::apply(&configured()?, screen, &progress, plan, *on)),
        Command::Adopt { target, link, protected, on } => {
            let wanted = adopt::Wanted { target, link: *link, protected: *protected, on: *on };
            wait(adopt::adopt(&configured()?, screen, &progress, &wanted))
        }
        Command::Explain { who, on, protected } => {
            let config = configured()?;
            let day = on.unwrap_or_else(|| config.today());
            explain::explain(&config, screen, &Question { who, day, protected: *protected })
        }
        Command::Password { names, group, target } => password::password(
            &configured()?,
            screen,
            &password::Wanted { names, group: *group, target: target.as_deref() },
        ),
        Command::Status => status::status(&configured()?, screen),
        Command::Runs { limit, audit: false } => status::runs(&configured()?, screen, *limit),
        Command::Runs { limit, audit: true } => status::audit(&configured()?, screen, *limit),
        Command::Cases { action: None } => cases::list(&configured()?, screen),
        Command::Cases { action: Some(CaseAction::Resolve { ids, same_as, new, not_now, drop }) } => {
            let answer = match (same_as, new, not_now) {
                (Some(person), ..) => Some(Answer::Same(PersonId(*person))),
                (None, true, _) => Some(Answer::New),
                (None, false, true) => Some(Answer::NotNow),
                (None, false, false) => drop.then_some(Answer::Drop),
            };
            cases::resolve(&configured()?, screen, ids, answer)
        }
        Command::Cases { action: Some(CaseAction::Merged) } => merges::list(&configured()?, screen),
        Command::Cases { action: Some(CaseAction::Undo { merge }) } => merges::undo(&configured()?, screen, *merge),
        Command::Quality { source, on } => {
            let config = configured()?;
            quality::quality(&config, screen, source.as_deref(), *on)
        }
        Command::Plugin { action } => {
            let file = &arguments.global.config;
            wait(async {
                match action {
                    PluginAction::Inspect { plugin } => plugin::inspect(file, screen, &progress, plugin).await,
                    PluginAction::Add { file: wasm } => plugin::add(file, screen, &progress, wasm).await,
                    PluginAction::Prove { system } => prove::prove(&configured()?, screen, &progress, system).await,
                    PluginAction::Update { id } => plugin::update(&configured()?, screen, &progress, id).await,
                }
            })
        }
        Command::Compile { input, output } => {
            sluss_plugin::compile_main(input, output).map_err(|error| CliError::not_run(error.to_string()))?;
            Ok(0)
        }
        Command::Reference { page } => wait(reference::reference(&arguments.global.config, screen, &progress, *page)),
    }
}

/// What is compared, as it was asked for.
fn compared(asked: Option<Compare>) -> Reconcile {
    match asked {
        None => Reconcile::No,
        Some(Compare::Changes) => Reconcile::Changes,
        Some(Compare::Whole) => Reconcile::Whole,
    }
}

/// Runs to the end what waits for others: on this thread, beside one more on which connectors work meanwhile.
fn wait<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.map_err(CliError::internal)?.block_on(work)
}
