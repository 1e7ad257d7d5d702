//! The command line: what can be asked for, in the words that its help prints.

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Carries people between systems: reads who works where, decides by a policy which accounts and groups each shall have,
/// shows the difference, and carries it out.
///
/// Exit codes: 0 done, 1 done with findings, 2 not run (configuration), 3 held by a guard, 4 another run is active,
/// 5 a system was unavailable.
#[derive(Debug, Parser)]
#[command(name = "sluss", version, max_term_width = 100)]
pub struct Arguments {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for every command.
#[derive(Debug, Args)]
pub struct Global {
    /// The configuration file
    #[arg(long, global = true, env = "SLUSS_CONFIG", default_value = "sluss.toml", value_name = "FILE")]
    pub config: PathBuf,
    /// Prints results and errors as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Shows no progress and no messages but errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Shows long lists in full, and what goes on; twice for more
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes a working folder with sample data
    Init {
        /// The folder; made if it is not there
        #[arg(default_value = ".")]
        folder: PathBuf,
    },
    /// Finds every fault in configuration, policy, plugins, grants and reachability, all at once
    Check,
    /// Shows the difference between what shall be and what is; writes nothing
    Plan {
        /// Saves the plan, for `sluss apply`
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Decides by this policy instead; may be given several times
        #[arg(long, value_name = "FILE")]
        policy: Vec<PathBuf>,
        /// Decides for this day instead of today
        #[arg(long, value_name = "DATE")]
        on: Option<Date>,
    },
    /// Reads, plans, guards, applies and confirms: what a scheduler calls
    Run {
        /// Compares the targets with what is known of them first, and puts right what somebody changed there
        #[arg(long, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "changes")]
        reconcile: Option<Compare>,
        /// Takes this day for today; only with clock = "simulated"
        #[arg(long, value_name = "DATE")]
        on: Option<Date>,
        /// Runs every folder in this one that has a sluss.toml: many municipalities in one process, each with its own
        /// state, lock, grants and report
        #[arg(long, value_name = "DIR")]
        tenants: Option<PathBuf>,
        /// How many tenants are run at the same time; as many as there are processors, unless it is said
        #[arg(long, value_name = "NUMBER", requires = "tenants")]
        jobs: Option<NonZeroUsize>,
    },
    /// Carries out a saved or held plan, if it is still true
    Apply {
        /// The file that `sluss plan --out` wrote, or the plan's hash
        plan: String,
        /// Takes this day for today; only with clock = "simulated"
        #[arg(long, value_name = "DATE")]
        on: Option<Date>,
    },
    /// Links accounts and groups that a target has already to the persons and rules they belong to; writes nothing to it
    ///
    /// Without --link it only shows what would be linked, what is doubtful, and what is nobody's.
    Adopt {
        /// The target
        target: String,
        /// Remembers what belongs to whom, and opens cases for what is doubtful
        #[arg(long)]
        link: bool,
        /// Names the accounts of protected persons too, and notes in the audit that they were shown
        #[arg(long)]
        protected: bool,
        /// Takes this day for today
        #[arg(long, value_name = "DATE")]
        on: Option<Date>,
    },
    /// Says what somebody or something has, why, and what comes next
    Explain {
        /// A user name, an address, a group, an employment's number, or an identity number
        who: String,
        /// Takes this day for today
        #[arg(long, value_name = "DATE")]
        on: Option<Date>,
        /// Shows the data of protected persons too, and notes in the audit that it was shown
        #[arg(long)]
        protected: bool,
    },
    /// Shows first passwords of accounts that Sluss made, once: nobody can be shown them a second time
    Password {
        /// Whose: user names, addresses, or names of accounts; with --group, names of groups whose members are meant
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
        /// The names are those of groups, such as a class
        #[arg(long)]
        group: bool,
        /// Only of accounts in this system
        #[arg(long, value_name = "NAME")]
        target: Option<String>,
    },
    /// Shows the last run, what is held or parked, and how many there are of everything
    Status,
    /// Lists the latest runs
    Runs {
        /// How many
        #[arg(long, default_value_t = 20)]
        limit: usize,
        /// Lists instead who was shown the data of protected persons
        #[arg(long)]
        audit: bool,
    },
    /// Lists what could not be done and is tried again later, and what would free it
    Cases {
        /// What to do about them
        #[command(subcommand)]
        action: Option<CaseAction>,
    },
    /// Shows what is missing, wrong or doubtful in each source, and what a register says otherwise
    Quality {
        /// Of this source alone
        #[arg(long, value_name = "NAME")]
        source: Option<String>,
        /// Takes this day for today
        #[arg(long, value_name = "DATE")]
        on: Option<Date>,
    },
    /// Looks at plugins, and pins them
    Plugin {
        /// What to do
        #[command(subcommand)]
        action: PluginAction,
    },
    /// Compiles a plugin, in a process with limits of its own.
    #[command(name = "__compile", hide = true)]
    Compile {
        /// The component.
        input: PathBuf,
        /// Where the compiled code goes.
        output: PathBuf,
    },
    /// Prints a page of the reference, as docs/reference keeps it.
    #[command(name = "__reference", hide = true)]
    Reference {
        /// The page.
        page: Page,
    },
}

/// What of the targets is compared.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Compare {
    /// What changed since the last time, of targets that can tell; everything once a week, and of others.
    Changes,
    /// Everything.
    Whole,
}

/// A page of the reference.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Page {
    /// Every command.
    CommandLine,
    /// What expressions may use.
    Expressions,
    /// The bundled plugins: settings and classes.
    Plugins,
    /// Everything that a policy can say.
    Policy,
}

/// What to do about cases.
#[derive(Debug, Subcommand)]
pub enum CaseAction {
    /// Has the next run try again at once, or says who the person of a doubtful match is
    Resolve {
        /// The cases, as `sluss cases` lists them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// The person is this one, by the number in the case
        #[arg(long = "as", value_name = "PERSON", conflicts_with_all = ["new", "not_now"])]
        same_as: Option<u64>,
        /// The person is none of those whom the case names
        #[arg(long, conflicts_with = "not_now")]
        new: bool,
        /// Leaves the case open, and out of what somebody has to look at, for 30 days
        #[arg(long)]
        not_now: bool,
        /// Leaves it at that: the mail arrived, or nobody needs to be told any more
        #[arg(long, conflicts_with_all = ["same_as", "new", "not_now"])]
        drop: bool,
    },
    /// Lists the persons that turned out to be one
    Merged,
    /// Parts two persons again that were taken for one
    Undo {
        /// The number of the merge, as `sluss cases merged` lists it
        merge: u64,
    },
}

/// What to do with plugins.
#[derive(Debug, Subcommand)]
pub enum PluginAction {
    /// Shows what a plugin is, what it wants to reach, and what it knows
    Inspect {
        /// A file, or the id of a bundled plugin
        plugin: String,
    },
    /// Pins a plugin file in sluss.lock, so that exactly these bytes may run
    Add {
        /// The file
        file: PathBuf,
    },
    /// Holds the plugin of a configured system to the contract, by asking it in every way that reads
    Prove {
        /// The system, as `sluss.toml` calls it
        system: String,
    },
    /// Pins what a plugin file has become
    Update {
        /// The plugin's id
        id: String,
    },
}
