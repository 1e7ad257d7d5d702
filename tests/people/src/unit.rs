//! The tree of units of a municipality: the municipality, its areas, and their units, each with a manager.
//!
//! A unit's manager is a person of the population, and the person above is the manager of the unit above, so there is no
//! circle. Codes are unique within a municipality only: both Sotenäs and Lysekil have a `VO-1`.

use crate::municipality::Municipality;
use crate::title::{AREAS, Area, DIRECTOR, Title};

/// A unit of one municipality.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// ENHETKOD, unique within its municipality.
    pub code: String,
    /// ENHETNAMN.
    pub name: String,
    /// The place in [`units`](crate::Population::units) of the unit above.
    pub parent: Option<usize>,
    /// ANSVAR: four digits of the accounts.
    pub account: String,
    /// The place in [`municipalities`](crate::Population::municipalities) of its municipality.
    pub municipality: usize,
    /// The index of the person who leads it; nobody in a municipality that nobody works in.
    pub manager: Option<u32>,
    /// Which of the areas it belongs to, unless it is the municipality itself.
    area: Option<usize>,
}

impl Unit {
    fn area(&self) -> &'static Area {
        &AREAS[self.area.unwrap_or(AREAS.len() - 1)]
    }

    /// What its manager is called.
    pub(crate) fn lead(&self) -> Title {
        match (self.area, self.code.contains('-')) {
            (None, _) => DIRECTOR,
            (_, false) => self.area().head,
            (_, true) => self.area().lead,
        }
    }

    /// What those who work there are called.
    pub(crate) fn staff(&self) -> &'static [Title] {
        self.area().staff
    }
}

/// So many persons share a unit, on average.
const PERSONS_A_UNIT: u32 = 12;

/// The units of one municipality with `persons` in it, of which the one of rank `k` in it is person `index_of(k)`.
/// Places count from `base`, where the first of them will stand.
pub(crate) fn tree(
    municipality: &Municipality,
    place: usize,
    persons: u32,
    base: usize,
    index_of: impl Fn(u32) -> u32,
) -> Vec<Unit> {
    let count = (persons / PERSONS_A_UNIT).max(1) as usize;
    let areas = if count == 1 { 0 } else { (count / 3).clamp(1, AREAS.len()) };
    (0..count)
        .map(|rank| {
            let manager = (persons > 0).then(|| index_of(rank as u32));
            let unit = |code: String, name: String, parent: Option<usize>, account: usize, area: Option<usize>| Unit {
                code,
                name,
                parent,
                account: format!("{account:04}"),
                municipality: place,
                manager,
                area,
            };
            match rank.checked_sub(1) {
                None => unit("KS".to_owned(), format!("{} kommun", municipality.name), None, 1_000, None),
                Some(area) if area < areas => {
                    let Area { code, name, .. } = &AREAS[area];
                    unit((*code).to_owned(), (*name).to_owned(), Some(base), (area + 2) * 1_000, Some(area))
                }
                Some(rest) => {
                    let (area, number) = ((rest - areas) % areas, (rest - areas) / areas);
                    let code = format!("{}-{}", AREAS[area].code, number + 1);
                    let name = unit_name(&AREAS[area], municipality.places, number);
                    let account = (area + 2) * 1_000 + (number + 1) % 1_000;
                    unit(code, name, Some(base + 1 + area), account, Some(area))
                }
            }
        })
        .collect()
}

/// The name of the unit of `number` in its area: every kind in every place once, then again with a numeral.
fn unit_name(area: &Area, places: &[&str], number: usize) -> String {
    let (kind, place) = (number % area.units.len(), number / area.units.len());
    let name = area.units[kind].replace("{}", places[place % places.len()]);
    match place / places.len() {
        0 => name,
        again => format!("{name} {}", again + 1),
    }
}
