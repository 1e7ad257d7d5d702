//! Names as they are met in a Swedish municipality: double, hyphenated, and from many languages.
//!
//! Every letter fits Windows-1252, since that is what the files are written in. Names repeat, as they do in life, which
//! is what makes two persons want one user name.

use std::sync::LazyLock;

use crate::draw::Draw;

/// The parts of a name as the files have them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// All given names.
    pub(crate) given: String,
    /// Which of them is used: tilltalsnamnsmarkering.
    pub(crate) mark: String,
    /// The one that is used.
    pub(crate) called: String,
    /// A middle name, or nothing.
    pub(crate) middle: String,
    /// The family name.
    pub(crate) family: String,
}

fn lines(text: &'static str) -> Vec<&'static str> {
    text.lines().collect()
}

static WOMEN: LazyLock<Vec<&'static str>> = LazyLock::new(|| lines(include_str!("../data/given-women.txt")));
static MEN: LazyLock<Vec<&'static str>> = LazyLock::new(|| lines(include_str!("../data/given-men.txt")));
static FAMILIES: LazyLock<Vec<&'static str>> = LazyLock::new(|| lines(include_str!("../data/families.txt")));

/// A name for a man or a woman.
pub(crate) fn draw(draw: &mut Draw, male: bool) -> Name {
    let choices = if male { &MEN } else { &WOMEN };
    let count = if draw.chance(4_500) { 1 } else { 2 + usize::from(draw.chance(1_500)) };
    let mut given: Vec<&str> = Vec::with_capacity(count);
    while given.len() < count {
        let name = draw.pick(choices);
        if !given.contains(&name) {
            given.push(name);
        }
    }
    let called = if draw.chance(7_500) { 0 } else { draw.below(count) };
    let mark = if count == 1 && draw.chance(500) { String::new() } else { mark(&given, called) };
    let middle = if draw.chance(1_000) { family(draw) } else { String::new() };
    let called = given[called].to_owned();
    Name { given: given.join(" "), mark, called, middle, family: surname(draw) }
}

/// A family name, now and then two of them.
pub(crate) fn surname(draw: &mut Draw) -> String {
    let first = family(draw);
    if !draw.chance(1_000) {
        return first;
    }
    let second = family(draw);
    let joint = if draw.chance(7_000) { '-' } else { ' ' };
    if first == second { first } else { format!("{first}{joint}{second}") }
}

fn family(draw: &mut Draw) -> String {
    draw.pick(&FAMILIES).to_owned()
}

/// Two digits that point at the used name; both halves of a hyphenated one are counted and pointed at.
fn mark(given: &[&str], called: usize) -> String {
    let parts = |name: &str| name.split(['-', ' ']).count();
    let before: usize = given[..called].iter().map(|name| parts(name)).sum();
    match parts(given[called]) {
        1 => format!("{}0", before + 1),
        _ => format!("{}{}", before + 1, before + 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_counts_the_halves_of_a_hyphenated_name() {
        assert_eq!(mark(&["Eva"], 0), "10");
        assert_eq!(mark(&["Eva", "Åsa"], 1), "20");
        assert_eq!(mark(&["Anna-Karin", "Åsa"], 0), "12");
        assert_eq!(mark(&["Anna-Karin", "Åsa"], 1), "30");
        assert_eq!(mark(&["Åsa", "Inga-Lill"], 1), "23");
    }
}
