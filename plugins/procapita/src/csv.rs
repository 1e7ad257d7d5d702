//! The files of the Skolplatsen set: pupils with their placements, units, teaching groups, and the staff.

use crate::hierarchy::MORE;
use crate::settings::Settings;
use sluss_delimited::Form::{Day, End, Text};
use sluss_delimited::{Decoder, Form, Layout, Line, Mapping, Replaced, Separation, Wanted, Where, Writing};
use sluss_roster::{Class, Group, GroupKind, Guardian, Membership, Person, Role, Roster, Snapshot, Span, Supply, Unit};
use sluss_sdk::files::Folder;
use sluss_sdk::{Cell, CheckResult, Date, Error, Place, Rest, Value};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAY: Duration = Duration::from_secs(86_400);

/// A column: its name, its form, and whether a line cannot do without it.
type Column = (&'static str, Form, bool);

const PUPILS: &[Column] = &[
    ("elevid", Text, true),
    ("enhetid", Text, true),
    ("skolform", Text, false),
    ("enhetstart", Day, true),
    ("enhetslut", End, false),
    ("klass", Text, false),
    ("akelev", Text, false),
    ("förnamn", Text, false),
    ("efternamn", Text, false),
    ("personnr", Text, false),
    ("adress", Text, false),
    ("coadress", Text, false),
    ("postnr", Text, false),
    ("ort", Text, false),
    ("vh1pnr", Text, false),
    ("vh2pnr", Text, false),
];
const UNITS: &[Column] = &[("enhetid", Text, true), ("enhnamn", Text, false), ("enhskolenhetskod", Text, false)];
const GROUPS: &[Column] = &[
    ("GruppId", Text, true),
    ("Gruppnamn", Text, false),
    ("Enhetid", Text, true),
    ("Skolform", Text, false),
    ("Startdatum", Day, false),
    ("Slutdatum", End, false),
    ("Årskurs", Text, false),
];
const MEMBERS: &[Column] =
    &[("Elevid", Text, true), ("Gruppid", Text, true), ("Startdatum", Day, true), ("Slutdatum", End, false)];
const EMPLOYEES: &[Column] = &[
    ("PersonalId", Text, true),
    ("Personnummer", Text, false),
    ("Förnamn", Text, false),
    ("Efternamn", Text, false),
    ("Epost", Text, false),
    ("Roll", Text, false),
    ("Enhetid", Text, true),
    ("Startdatum", Day, true),
    ("Slutdatum", End, false),
];

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Units,
    Groups,
    Pupils,
    Members,
    Employees,
}

impl Kind {
    fn columns(self) -> &'static [Column] {
        match self {
            Kind::Units => UNITS,
            Kind::Groups => GROUPS,
            Kind::Pupils => PUPILS,
            Kind::Members => MEMBERS,
            Kind::Employees => EMPLOYEES,
        }
    }

    /// The classes that lose something where a line cannot be read at all.
    fn classes(self) -> &'static [Class] {
        match self {
            Kind::Units => &[Class::Unit],
            Kind::Groups => &[Class::Group],
            Kind::Pupils | Kind::Employees => &[Class::Person, Class::Engagement, Class::Group, Class::Unit],
            Kind::Members => &[Class::Engagement, Class::Group],
        }
    }
}

struct File {
    kind: Kind,
    name: String,
    layout: Layout,
}

/// The files, in the order in which they are read.
pub struct Csv {
    folder: Folder,
    files: Vec<File>,
    stale_days: u32,
}

impl Csv {
    /// Files that were not read yet.
    pub fn new(folder: Folder, settings: &Settings) -> Result<Self, Error> {
        let names = [
            (Kind::Units, &settings.units),
            (Kind::Groups, &settings.groups),
            (Kind::Pupils, &settings.pupils),
            (Kind::Members, &settings.members),
            (Kind::Employees, &settings.employees),
        ];
        let wanted =
            names.into_iter().filter(|(kind, name)| !name.is_empty() && (settings.staff || *kind != Kind::Employees));
        let files =
            wanted.map(|(kind, name)| Ok(File { kind, name: name.clone(), layout: layout(kind.columns(), settings)? }));
        let files: Vec<File> = files.collect::<Result<_, Error>>()?;
        if !files.iter().any(|file| file.kind == Kind::Pupils) {
            return Err(Error::config("`pupils` has to name the file of pupils"));
        }
        Ok(Csv { folder, files, stale_days: settings.stale_days })
    }

    /// What stays the same as long as a read would give the same.
    pub fn version(&self) -> Result<String, Error> {
        let versions = self.files.iter().map(|file| file.layout.version(&self.folder, &file.name));
        Ok(versions.collect::<Result<Vec<_>, Error>>()?.join(" "))
    }

    /// What is right and wrong with the files.
    pub fn check(&self, now: SystemTime) -> Vec<CheckResult> {
        self.files.iter().flat_map(|file| self.check_file(file, now)).collect()
    }

    fn check_file(&self, file: &File, now: SystemTime) -> Vec<CheckResult> {
        let title = format!("file {}", file.name);
        let (mut lines, mut faults, mut first) = (0, 0, None);
        let read = file.layout.lines(&self.folder, &file.name, |line| {
            lines += 1;
            if let Some(fault) = line.fault {
                faults += 1;
                first.get_or_insert(fault);
            }
        });
        let mut results = vec![match read {
            Ok(Rest::Incomplete(error)) | Err(error) => CheckResult::failure(&title, placed(&error)),
            Ok(_) => CheckResult::info(&title, format!("{lines} lines")),
        }];
        if let Some(first) = first {
            let message = format!("{faults} of {lines} lines cannot be used; the first: {}", placed(&first));
            results.push(CheckResult::warning(&title, message));
        }
        if let Ok(Some(info)) = self.folder.stat(&file.name) {
            let modified = UNIX_EPOCH + Duration::from_millis(info.modified.max(0) as u64);
            let days = now.duration_since(modified).unwrap_or_default().as_secs() / DAY.as_secs();
            if days > u64::from(self.stale_days) {
                let message = format!("It is {days} days old; is the export still being made?");
                results.push(CheckResult::warning(&title, message));
            }
        }
        results
    }
}

impl Supply for Csv {
    fn begin(&mut self) {}

    fn go_on(&mut self, _until: SystemTime) -> Result<Option<Snapshot>, Error> {
        let mut snapshot = Snapshot { roster: Roster::new(MORE), incomplete: None };
        for File { kind, name, layout } in &self.files {
            let roster = &mut snapshot.roster;
            let rest = layout.lines(&self.folder, name, |line| take(*kind, line, roster))?;
            if let Rest::Incomplete(error) = rest {
                snapshot.incomplete.get_or_insert(error);
            }
        }
        Ok(Some(snapshot))
    }
}

/// The fields of a line.
struct Fields<'l>(&'l [Cell]);

impl Fields<'_> {
    fn text(&self, index: usize) -> Option<&str> {
        match self.0.get(index)? {
            Cell::One(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn own(&self, index: usize) -> Option<String> {
        self.text(index).map(str::to_owned)
    }

    fn date(&self, index: usize) -> Option<Date> {
        match self.0.get(index)? {
            Cell::One(Value::Date(date)) => Some(*date),
            _ => None,
        }
    }

    fn span(&self, start: usize) -> Span {
        Span { start: self.date(start), end: self.date(start + 1) }
    }
}

/// Takes a line into the roster. One of which something cannot be read is a fault of what it would have been.
fn take(kind: Kind, Line { cells, fault }: Line, roster: &mut Roster) {
    let fields = Fields(&cells);
    // The columns that say which record it is.
    let place = if kind == Kind::Employees { 6 } else { 1 };
    match (kind, fault, fields.text(0), fields.text(place)) {
        (Kind::Units, Some(fault), Some(id), _) => roster.fault(Class::Unit, fault.object(id)),
        (Kind::Groups, Some(fault), Some(id), _) => roster.fault(Class::Group, fault.object(id)),
        (Kind::Units, None, Some(id), _) => roster.unit(Unit {
            id: id.to_owned(),
            name: fields.own(1),
            more: vec![None, None, fields.own(2)],
            ..Unit::default()
        }),
        (Kind::Groups, None, Some(id), _) => roster.group(Group {
            id: id.to_owned(),
            kind: GroupKind::Teaching,
            name: fields.own(1),
            unit: fields.own(2),
            form: fields.own(3),
            span: fields.span(4),
            year: fields.own(6),
        }),
        (Kind::Pupils, fault, Some(id), Some(unit)) => pupil(&fields, id, unit, fault, roster),
        (Kind::Members, fault, Some(person), Some(place)) => {
            let role = Role::Pupil;
            let span = fields.span(2);
            join(Membership { person, place, role, span, form: None, year: None, title: None }, fault, roster);
        }
        (Kind::Employees, fault, Some(id), Some(unit)) => employee(&fields, id, unit, fault, roster),
        (_, fault, ..) => {
            let fault = fault.unwrap_or_else(|| Error::invalid("The line does not say what it is about"));
            kind.classes().iter().for_each(|class| roster.fault(*class, fault.clone()));
        }
    }
}

fn join(membership: Membership<'_>, fault: Option<Error>, roster: &mut Roster) {
    match fault {
        None => roster.join(membership),
        Some(fault) => roster.misjoin(membership, fault),
    }
}

fn class_id(unit: &str, class: &str) -> String {
    format!("{unit}/{class}")
}

fn pupil(fields: &Fields<'_>, id: &str, unit: &str, fault: Option<Error>, roster: &mut Roster) {
    roster.person(Person {
        id: id.to_owned(),
        number: fields.own(9),
        first_names: fields.own(7),
        surname: fields.own(8),
        address: [fields.own(11), fields.own(10), fields.own(12), fields.own(13)],
        is_pupil: true,
        ..Person::default()
    });
    for number in [14, 15].into_iter().filter_map(|index| fields.text(index)) {
        roster.guardian(Guardian { number, child: id });
    }
    roster.unit(Unit { id: unit.to_owned(), ..Unit::default() });
    let class = fields.text(5).map(|class| (class_id(unit, class), class));
    if let Some((id, name)) = &class {
        roster.group(Group {
            id: id.clone(),
            kind: GroupKind::Class,
            name: Some((*name).to_owned()),
            unit: Some(unit.to_owned()),
            ..Group::default()
        });
    }
    let (form, year) = (fields.text(2), fields.text(6));
    let place = class.as_ref().map_or(unit, |(id, _)| id);
    let span = fields.span(3);
    join(Membership { person: id, place, role: Role::Pupil, span, form, year, title: None }, fault, roster);
}

fn employee(fields: &Fields<'_>, id: &str, unit: &str, fault: Option<Error>, roster: &mut Roster) {
    roster.person(Person {
        id: id.to_owned(),
        number: fields.own(1),
        first_names: fields.own(2),
        surname: fields.own(3),
        email: fields.own(4),
        ..Person::default()
    });
    roster.unit(Unit { id: unit.to_owned(), ..Unit::default() });
    let (span, title) = (fields.span(7), fields.text(5));
    join(Membership { person: id, place: unit, role: Role::Staff, span, form: None, year: None, title }, fault, roster);
}

fn layout(columns: &[Column], settings: &Settings) -> Result<Layout, Error> {
    let open_end = ["", "99991231", "9999-12-31"].map(str::to_owned);
    let wanted = |(name, form, needed): &Column| Wanted {
        attribute: (*name).to_owned(),
        form: *form,
        place: Where::Name((*name).to_owned()),
        needed: *needed,
        sensitive: false,
        replaced: Replaced::new(),
    };
    Ok(Layout {
        separation: Separation::new(';', true, true)?,
        decoder: Decoder::new(Writing {
            encoding: settings.encoding,
            date_formats: &settings.date_formats,
            open_end: &open_end,
            yes: &[],
            no: &[],
            decimal_comma: true,
        })?,
        mapping: Mapping {
            wanted: columns.iter().map(wanted).collect(),
            id: Vec::new(),
            id_prefix: String::new(),
            ignored: Vec::new(),
            status: None,
            prefix: "procapita",
            header: true,
            names: Vec::new(),
            advice: "The files have to be those of the Skolplatsen set; for others there is the plugin `csv`"
                .to_owned(),
        },
        skip: 0,
        final_newline: settings.final_newline,
        constants: Vec::new(),
        fingerprint: sluss_roster::fingerprint(&format!("{settings:?} {}", env!("CARGO_PKG_VERSION"))),
    })
}

fn placed(error: &Error) -> String {
    match &error.place {
        Some(Place { line: Some(line), .. }) => format!("line {line}: {}", error.message),
        _ => error.message.clone(),
    }
}
