//! Which engagements somebody has: one for each class, one for a unit without a class, one for each placement and duty.

use crate::day::Period;
use crate::fields::Wrong;
use crate::group::Group;
use crate::model::{Model, membership};
use crate::person::{Enrolment, Person, Told};
use crate::post::Kind;

/// An engagement.
#[derive(Debug, Clone, PartialEq)]
pub struct Engagement<'a> {
    /// Made of the system's own ids.
    pub id: String,
    /// The id of the organisation.
    pub unit: &'a str,
    /// The rest, or the field for which it cannot be told.
    pub told: Result<Rest<'a>, Wrong>,
}

/// What an engagement says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rest<'a> {
    /// `placement` or `employment`.
    pub kind: &'static str,
    /// When.
    pub period: Period,
    /// The school form.
    pub school_form: Option<&'a str>,
    /// The school year.
    pub year: Option<&'a str>,
    /// The id and the name of the class or department.
    pub class: Option<(&'a str, Option<&'a str>)>,
    /// As what somebody works.
    pub title: Option<&'a str>,
    /// Percent of full time.
    pub extent: Option<f64>,
}

/// The id of somebody's engagement in a class, or in a unit without one. Whether they exist or not, these are all that
/// there can be.
pub fn id(person: &str, place: &str) -> String {
    format!("{person}/{place}")
}

/// All engagements of a person. Where it is not known where the person is enrolled, nothing is told of those that may end
/// with an enrolment.
pub fn of<'a>(model: &'a Model, person: &'a Person) -> Vec<Engagement<'a>> {
    let mut all = Vec::new();
    let mut classes: Vec<(&str, Result<Period, Wrong>)> = Vec::new();
    for group in model.classes_of(&person.id) {
        let told = match person.unclear.map_or_else(|| in_class(person, group), Err) {
            Ok(None) => continue,
            Ok(Some(rest)) => Ok(rest),
            Err(wrong) => Err(wrong),
        };
        classes.push((&*group.unit, told.as_ref().map(|rest| rest.period).map_err(|wrong| *wrong)));
        all.push(Engagement { id: id(&person.id, &group.id), unit: &group.unit, told });
    }
    for (at, enrolment) in person.enrolments.iter().enumerate() {
        let unit = &*enrolment.unit;
        // One that is not among the units would have an id that nobody could think of when it is gone.
        if !model.units.has(unit) || person.enrolments[..at].iter().any(|before| *before.unit == *unit) {
            continue;
        }
        let own = classes.iter().filter(|(own, _)| *own == unit);
        let own = own.map(|(_, period)| *period).collect();
        let told = match person.unclear.map_or_else(|| in_unit(person, unit, own), Err) {
            Ok(None) => continue,
            Ok(Some(rest)) => Ok(rest),
            Err(wrong) => Err(wrong),
        };
        all.push(Engagement { id: id(&person.id, unit), unit, told });
    }
    all.extend(model.posts_of(&person.id).map(|post| {
        let told = post.told.as_ref().map_err(|wrong| *wrong).map(|told| match &told.kind {
            Kind::Placement { school_form, group } => Rest {
                kind: "placement",
                period: told.period,
                school_form: school_form.as_deref(),
                class: group.as_deref().map(|id| (id, name(model, id))),
                ..Rest::default()
            },
            Kind::Duty { role, extent } => Rest {
                kind: "employment",
                period: told.period,
                title: role.as_deref(),
                extent: *extent,
                ..Rest::default()
            },
        });
        Engagement { id: post.id.to_string(), unit: &post.unit, told }
    }));
    all
}

fn name<'a>(model: &'a Model, group: &str) -> Option<&'a str> {
    model.groups.get(group)?.1.as_ref().ok()?.name.as_deref()
}

/// What somebody's membership in a class comes to. It lasts no longer than the enrolment; where every enrolment at the
/// school is cancelled, it is none.
fn in_class<'a>(person: &'a Person, group: &'a Group) -> Result<Option<Rest<'a>>, Wrong> {
    let Some(period) = membership(group, &person.id)? else { return Ok(None) };
    let Some(mut period) = period.and(group.period) else { return Ok(None) };
    let form = group.school_form.as_deref();
    let mut chosen = None;
    if person.enrolments.iter().any(|own| own.unit == group.unit) {
        let mut own = at(person, &group.unit)?;
        if own.iter().any(|told| told.school_form.as_deref() == form) {
            own.retain(|told| told.school_form.as_deref() == form);
        }
        let Some(enrolled) = Period::hull(own.iter().map(|told| told.period)) else { return Ok(None) };
        let Some(both) = period.and(enrolled) else { return Ok(None) };
        period = both;
        chosen = latest(&own);
    }
    Ok(Some(Rest {
        kind: "placement",
        period,
        school_form: chosen.and_then(|told| told.school_form.as_deref()).or(form),
        year: chosen.and_then(|told| told.year.as_deref()),
        class: Some((&*group.id, group.name.as_deref())),
        ..Rest::default()
    }))
}

/// What somebody's enrolments at a school come to beside the classes there: all of it where there is no class, and
/// otherwise the days from the first class on that none covers, such as the summer between two.
fn in_unit<'a>(person: &'a Person, unit: &str, classes: Vec<Result<Period, Wrong>>) -> Result<Option<Rest<'a>>, Wrong> {
    let own = at(person, unit)?;
    let classes: Vec<Period> = classes.into_iter().collect::<Result<_, _>>()?;
    let Some(enrolled) = Period::hull(own.iter().map(|told| told.period)) else { return Ok(None) };
    let period = if classes.is_empty() { Some(enrolled) } else { enrolled.behind(&classes) };
    let chosen = latest(&own);
    Ok(period.map(|period| Rest {
        kind: "placement",
        period,
        school_form: chosen.and_then(|told| told.school_form.as_deref()),
        year: chosen.and_then(|told| told.year.as_deref()),
        ..Rest::default()
    }))
}

/// Somebody's enrolments at a school, without those that were cancelled.
fn at<'a>(person: &'a Person, unit: &str) -> Result<Vec<&'a Told>, Wrong> {
    let own = person.enrolments.iter().filter(|enrolment| &*enrolment.unit == unit);
    let told: Vec<&Told> =
        own.map(|Enrolment { told, .. }| told.as_ref().map_err(|wrong| *wrong)).collect::<Result<_, _>>()?;
    Ok(told.into_iter().filter(|told| !told.is_cancelled).collect())
}

/// The enrolment that begins last; of several, the same one in whatever order they come.
fn latest<'a>(own: &[&'a Told]) -> Option<&'a Told> {
    let key = |told: &Told| (told.period.start, told.period.end.is_none(), told.period.end);
    let rest = |told: &Told| (told.school_form.clone(), told.year.clone());
    own.iter().copied().max_by(|one, two| key(one).cmp(&key(two)).then_with(|| rest(one).cmp(&rest(two))))
}
