//! `people`: writes the files of a made-up population into a folder.
//!
//! The demonstration and whoever tries Sluss by hand get their people here, and what happens to them from one day to the
//! next: the same seed with `--joiner`, `--mover` or `--leaver` differs from the first files by just that. Pupils are told
//! of by number alone, since whether their names may be shown is for the register to say.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use sluss_people::{MAX_PERSONS, MAX_PUPILS, MAX_STAFF_BESIDE_PUPILS, Population, Pupils, System};

/// Writes made-up employments and units as Heroma exports them, and on request pupils as Procapita and Extens do.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The same seed gives the same people.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many persons.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_PERSONS)))]
    persons: u32,
    /// The day the population is of.
    #[arg(long, default_value_t = date(2026, 11, 21))]
    date: Date,
    /// The day on which the changes below happen; the day of the population, if it is not said.
    #[arg(long)]
    day: Option<Date>,
    /// The codes of the municipalities.
    #[arg(long, value_delimiter = ',', default_value = "1427,1430,1484")]
    municipalities: Vec<String>,
    /// How many pupils: half of them in Munkedal (Procapita), half in Lysekil (Extens). With any, the register's file is
    /// written too.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=i64::from(MAX_PUPILS)))]
    pupils: u32,
    /// How many of a hundred have two employments.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=100))]
    second_posts: u32,
    /// The folder the files go to.
    #[arg(long)]
    out: PathBuf,
    /// So many new persons begin.
    #[arg(long, default_value_t = 0)]
    joiner: usize,
    /// So many move to the next municipality.
    #[arg(long, default_value_t = 0)]
    mover: usize,
    /// So many had their last day the day before.
    #[arg(long, default_value_t = 0)]
    leaver: usize,
    /// So many begin a second post in the next municipality.
    #[arg(long, default_value_t = 0)]
    second_post: usize,
    /// So many have another family name.
    #[arg(long, default_value_t = 0)]
    renamed: usize,
    /// So many pupils of Munkedal who had a temporary number are in the register.
    #[arg(long, default_value_t = 0)]
    registered_pupils: usize,
    /// So many pupils move from Munkedal to Lysekil, where they get a temporary number.
    #[arg(long, default_value_t = 0)]
    moved_pupils: usize,
    /// So many of a hundred have a new title or unit.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    changed: u8,
    /// So many of a hundred rows are missing.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    fewer: u8,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Err(fault) = write(&arguments) {
        let _ = writeln!(io::stderr(), "people: {}: {fault}", arguments.out.display());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn write(arguments: &Arguments) -> io::Result<()> {
    if arguments.pupils > 0 && arguments.persons > MAX_STAFF_BESIDE_PUPILS {
        let refusal = format!("beside pupils there are at most {MAX_STAFF_BESIDE_PUPILS} persons: lower --persons");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, refusal));
    }
    let base = base(arguments);
    let (population, mut said) = changed(arguments, &base);
    population.write_to(&arguments.out)?;
    let mut made = format!("{} persons, {} units", population.persons(), population.units().len());
    if arguments.pupils > 0 {
        let pupils = pupils(arguments, &base, &mut said);
        pupils.write_to(&arguments.out, &population)?;
        made.push_str(&format!(", {} pupils", pupils.count()));
    }
    said.push(format!("{made}: {}", arguments.out.display()));
    writeln!(io::stdout(), "{}", said.join("\n"))
}

/// The pupils asked for, and a line on each change.
fn pupils(arguments: &Arguments, staff: &Population, said: &mut Vec<String>) -> Pupils {
    let base = Pupils::beside(staff, arguments.pupils);
    let day = arguments.day.unwrap_or(arguments.date);
    let [home, next] = System::ALL;
    let mut whole = base.clone();
    for pupil in base.temporary(home).take(arguments.registered_pupils) {
        said.push(format!("has an identity number instead of a temporary one: pupil {} in {}", pupil.id, home.code()));
        whole = whole.registered(pupil.index);
    }
    for pupil in base.ordinary(home).take(arguments.moved_pupils) {
        said.push(format!("moves to {} on {day}: pupil {} in {}", next.code(), pupil.id, home.code()));
        whole = whole.moved(pupil.index, day);
    }
    whole
}

/// The population without changes.
fn base(arguments: &Arguments) -> Population {
    let codes: Vec<&str> = arguments.municipalities.iter().map(String::as_str).collect();
    Population::new(arguments.seed, arguments.persons)
        .municipalities(&codes)
        .on(arguments.date)
        .second_posts(arguments.second_posts)
}

/// The population asked for, and a line on each change.
fn changed(arguments: &Arguments, base: &Population) -> (Population, Vec<String>) {
    let codes = &arguments.municipalities;
    let day = arguments.day.unwrap_or(arguments.date);
    let yesterday = day.saturating_sub(1.day());
    let next = |person: u32| (person as usize % codes.len() + 1) % codes.len();
    let name = |person: u32| {
        let person = base.person(person);
        format!("{} {}", person.given, person.family)
    };

    let mut said = Vec::new();
    let mut whole = base.clone().changed(arguments.changed).fewer(arguments.fewer);
    // Each kind of change takes the next ordinary persons, so that nobody has two.
    let mut ordinary = base.ordinary();
    for person in ordinary.by_ref().take(arguments.mover) {
        said.push(format!("moves to {} on {day}: {}", codes[next(person)], name(person)));
        whole = whole.mover(person, next(person), day);
    }
    for person in ordinary.by_ref().take(arguments.leaver) {
        said.push(format!("leaves, last day {yesterday}: {}", name(person)));
        whole = whole.leaver(person, yesterday);
    }
    for person in ordinary.by_ref().take(arguments.second_post) {
        said.push(format!("second post in {} on {day}: {}", codes[next(person)], name(person)));
        whole = whole.second_post(person, next(person), day);
    }
    for person in ordinary.by_ref().take(arguments.renamed) {
        said.push(format!("new family name Nygård-Ekström: {}", name(person)));
        whole = whole.renamed(person, "Nygård-Ekström");
    }
    for _ in 0..arguments.joiner {
        whole = whole.joiner(day);
        let joined = whole.person(whole.persons() - 1);
        said.push(format!("begins on {day}: {} {}", joined.given, joined.family));
    }
    (whole, said)
}
