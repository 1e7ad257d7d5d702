//! From what was read to the records of the published vocabulary.

use crate::class::{Class, columns};
use crate::collection::Collection;
use crate::engagement::{self, Engagement};
use crate::fields::Wrong;
use crate::group::{CLASS, Group};
use crate::model::Model;
use crate::person::{Identity, Person};
use crate::protection::Protection;
use sluss_sdk::{Cell, Error, Row, Value};

/// A record, or why it cannot be used.
pub type Entry = Result<Row, Error>;

/// From how many things the records of a class are made.
pub fn count(model: &Model, class: Class) -> usize {
    match class {
        Class::Unit => model.units.items().len(),
        Class::Person | Class::Engagement => model.persons.items().len(),
        Class::Group => model.groups.items().len(),
    }
}

/// The records that come from one of them.
pub fn of(model: &Model, class: Class, at: usize) -> Vec<Entry> {
    match class {
        Class::Unit => vec![unit(model, &model.units.items()[at].0)],
        Class::Person => person(model, &model.persons.items()[at]).into_iter().collect(),
        Class::Engagement => engagements(model, &model.persons.items()[at]),
        Class::Group => vec![group(model, at)],
    }
}

/// What cannot be told of the whole class. Where a part of what records are made of is not known, the read is not whole;
/// where records would say something else for it, there is no read.
pub fn clouds(model: &Model, class: Class) -> Result<Vec<Error>, Error> {
    let clouds = model.clouds(|collection| match class {
        Class::Unit => collection == Collection::Organisations,
        Class::Person => collection != Collection::Organisations,
        Class::Engagement | Class::Group => true,
    });
    let mut units = match class {
        Class::Unit | Class::Person => Vec::new(),
        Class::Engagement => model.clouds(|collection| collection == Collection::Organisations),
        Class::Group => clouds.clone(),
    };
    units.pop().map_or(Ok(clouds), Err)
}

fn wrong(collection: Collection, wrong: Wrong, id: &str) -> Error {
    Error::invalid(format!("`{}` is missing, or not of the form that SS 12000 gives it in {collection}", wrong.0))
        .attribute(wrong.0)
        .object(id)
}

fn unit(model: &Model, id: &str) -> Entry {
    let fault = |own: Wrong| wrong(Collection::Organisations, own, id);
    let (unit, organisation) = model.unit(id).map_err(fault)?;
    let above = model.units.parent(id).map(|parent| model.unit(parent)).transpose().map_err(fault)?;
    let parent = above.map(|(unit, _)| unit.code);
    let cells = vec![unit.code.into(), Cell::maybe(unit.name), Cell::maybe(parent), organisation.into()];
    Ok(Row { id: id.to_owned(), version: None, cells })
}

fn person(model: &Model, person: &Person) -> Option<Entry> {
    model.includes(person).then(|| {
        let fault = |own: Wrong| wrong(Collection::Persons, own, &person.id);
        let identity = person.identity.as_ref().map_err(|own| fault(*own))?;
        let number = identity.number.as_deref().ok_or_else(|| fault(Wrong("civicNo")))?;
        let deregistration = deregistration(identity);
        let mut cells = vec![
            number.into(),
            Cell::maybe(identity.first_names.as_deref()),
            Cell::maybe(identity.middle_name.as_deref()),
            Cell::maybe(identity.surname.as_deref()),
            (identity.protection != Protection::None).into(),
            identity.protection.word().into(),
            Cell::maybe(deregistration),
            Cell::maybe(identity.status.as_deref().filter(|_| deregistration.is_some())),
            Cell::maybe(identity.email.as_deref()),
            Cell::maybe(identity.telephone.as_deref()),
        ];
        if model.scope.guardians {
            cells.push(guardians(model, identity).map_err(fault)?);
        }
        cells.push(Cell::many(identity.principal_names.iter().map(|name| &**name)));
        Ok(Row { id: person.id.to_string(), version: None, cells })
    })
}

fn deregistration(identity: &Identity) -> Option<&'static str> {
    match identity.status.as_deref()? {
        "Aktiv" => None,
        "Avliden" => Some("death"),
        "Utvandrad" => Some("emigration"),
        _ => Some("other"),
    }
}

/// The numbers of the guardians who are known, in an order that does not depend on that of the list.
fn guardians(model: &Model, identity: &Identity) -> Result<Cell, Wrong> {
    let mut numbers = Vec::new();
    for guardian in &identity.guardians {
        numbers.extend(model.number_of(guardian).map_err(|_| Wrong("responsibles"))?);
    }
    numbers.sort_unstable();
    numbers.dedup();
    Ok(Cell::many(numbers))
}

fn engagements(model: &Model, person: &Person) -> Vec<Entry> {
    let mut entries: Vec<Entry> =
        engagement::of(model, person).into_iter().map(|own| row(model, person, &own)).collect();
    if let Some(own) = person.unclear {
        // Which engagements the person has besides is not known, so this is a fault without an id of one.
        let fault = wrong(Collection::Persons, own, &person.id);
        let message =
            format!("{}, for the person {}: which schools the person goes to is not known", fault.message, person.id);
        entries.push(Err(Error { object: None, message, ..fault }));
    }
    entries
}

fn row(model: &Model, person: &Person, own: &Engagement<'_>) -> Entry {
    let fault = |field: Wrong| {
        Error::invalid(format!(
            "`{}` of what this engagement comes from is not of the form that SS 12000 gives it",
            field.0
        ))
        .attribute(field.0)
        .object(&own.id)
    };
    let rest = own.told.as_ref().map_err(|field| fault(*field))?;
    let (unit, organisation) = model.unit(own.unit).map_err(fault)?;
    let (class, class_name) = rest.class.unzip();
    let mut cells = vec![
        (&*person.id).into(),
        rest.kind.into(),
        organisation.into(),
        unit.code.into(),
        Cell::maybe(unit.name),
        Cell::maybe(rest.period.start.map(|day| day.date())),
        Cell::maybe(rest.period.end.map(|day| day.date())),
        Cell::maybe(rest.school_form),
        Cell::maybe(rest.year),
        Cell::maybe(class),
        Cell::maybe(class_name.flatten()),
    ];
    if model.scope.staff {
        cells.extend([Cell::maybe(rest.title), Cell::maybe(rest.extent)]);
    }
    debug_assert_eq!(cells.len(), columns(Class::Engagement, &model.scope).len());
    Ok(Row { id: own.id.clone(), version: None, cells })
}

fn group(model: &Model, at: usize) -> Entry {
    let (id, read) = &model.groups.items()[at];
    let fault = |own: Wrong| wrong(Collection::Groups, own, id);
    let group = read.as_ref().map_err(|own| fault(*own))?;
    let (unit, organisation) = model.unit(&group.unit).map_err(fault)?;
    let members = members(model, group).map_err(fault)?;
    let cells = vec![
        (&**id).into(),
        Cell::maybe(group.name.as_deref()),
        group.kind.into(),
        organisation.into(),
        unit.code.into(),
        Cell::maybe(group.period.start.map(|day| day.date())),
        Cell::maybe(group.period.end.map(|day| day.date())),
        Cell::many(members.into_iter().map(Value::Reference)),
    ];
    Ok(Row { id: id.to_string(), version: None, cells })
}

/// The engagements of those who belong to a group on the day of the read: in a class those that come from it, and
/// otherwise all that they have in its unit.
fn members(model: &Model, group: &Group) -> Result<Vec<String>, Wrong> {
    let mut ids = Vec::new();
    for member in &group.members {
        let is_today = member.period?.contains(model.today);
        let Some(person) = model.persons.get(&member.person).filter(|_| is_today) else { continue };
        if person.unclear.is_some() {
            return Err(Wrong("groupMemberships"));
        }
        let of_class = (group.kind == CLASS).then(|| engagement::id(&person.id, &group.id));
        let own = engagement::of(model, person).into_iter();
        ids.extend(
            own.filter(|own| own.unit == &*group.unit)
                .map(|own| own.id)
                .filter(|id| of_class.as_ref().is_none_or(|class| class == id)),
        );
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}
