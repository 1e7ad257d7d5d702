//! The page of the command line: every command with its arguments, from the same description that parses them.

use super::table;
use crate::args::Arguments;
use clap::{Arg, Command, CommandFactory as _};

/// What holds for every command is told once, at the top.
pub(super) fn page() -> String {
    let mut root = Arguments::command().disable_help_subcommand(true);
    root.build();
    let mut page = format!("# The command line\n\n{}\n", about(&root));
    page += "\n## Options of every command\n";
    table(&mut page, ["option", "meaning"], rows(&root, Arg::is_global_set));
    for command in shown(&root) {
        one(&mut page, command, "sluss");
    }
    page
}

fn one(page: &mut String, command: &Command, before: &str) {
    let name = format!("{before} {}", command.get_name());
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim();
    *page += &format!("\n## `{name}`\n\n{}\n\n```text\n{usage}\n```\n", about(command));
    table(page, ["argument", "meaning"], rows(command, |argument| !argument.is_global_set()));
    for command in shown(command) {
        one(page, command, &name);
    }
}

fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|command| !command.is_hide_set())
}

fn about(command: &Command) -> String {
    command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default()
}

fn rows(command: &Command, chosen: impl Fn(&Arg) -> bool) -> Vec<[String; 2]> {
    command
        .get_arguments()
        .filter(|argument| chosen(argument) && !matches!(argument.get_id().as_str(), "help" | "version"))
        .map(|argument| {
            let short = argument.get_short().map_or_else(String::new, |short| format!("-{short}, "));
            [format!("`{short}{argument}`"), meaning(argument)]
        })
        .collect()
}

/// What an argument is for, what it may be, and what it is when it is left out.
fn meaning(argument: &Arg) -> String {
    let mut text = argument.get_help().map(ToString::to_string).unwrap_or_default();
    if argument.get_action().takes_values() {
        let words = argument.get_possible_values();
        let words: Vec<String> = words.iter().map(|word| format!("`{}`", word.get_name())).collect();
        if !words.is_empty() {
            text += &format!(": {}", words.join(", "));
        }
        let unless: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        if !unless.is_empty() {
            text += &format!("; `{}` unless it is given", unless.join(" "));
        }
    }
    if let Some(variable) = argument.get_env() {
        text += &format!("; the environment variable `{}` says it too", variable.to_string_lossy());
    }
    text
}
