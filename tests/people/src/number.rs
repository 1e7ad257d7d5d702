//! Identity numbers that belong to nobody alive.
//!
//! First come the personal numbers that Skatteverket publishes for tests (`data/test-numbers.txt`: the 24,170 published
//! for the birth years 1957 to 2007), in an order that the seed shuffles. About one person in a hundred has instead a
//! published coordination number (`data/coordination-numbers.txt`). When a large population has used all of them, the
//! rest are derived: births from 1890 to 1910 and birth numbers downwards from 999. Nearly every test number published
//! for those years lies in 980-999, but no published source was found that sets a series aside for tests in any year,
//! so the derived numbers rest on something else: nobody born before 1911 is alive to be met by one.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::draw::{Draw, Purpose};

/// Twelve digits: year, month, day, birth number, check digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(u64);

impl Number {
    /// The number of a birth date and a birth number, with its check digit.
    fn of(born: Date, birth: u64) -> Self {
        let day = born.year() as u64 * 10_000 + born.month() as u64 * 100 + born.day() as u64;
        let nine = (day % 1_000_000) * 1_000 + birth;
        Self((day * 1_000 + birth) * 10 + check_digit(nine))
    }

    /// The number written as twelve digits, if it is that and its check digit is right.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| text.parse().ok()).flatten().map(Self)?;
        (check_digit(number.0 / 10 % 1_000_000_000) == number.0 % 10).then_some(number)
    }

    /// Whether the birth number is odd, which in Sweden says that the holder is a man.
    pub fn is_male(self) -> bool {
        self.0 / 10 % 2 == 1
    }

    /// Whether this is a coordination number: its day is 60 more than the day of birth.
    pub fn is_coordination(self) -> bool {
        self.0 / 10_000 % 100 >= 60
    }

    /// The year of birth.
    pub fn year(self) -> i16 {
        (self.0 / 100_000_000) as i16
    }

    /// Its first eight digits: of a personal number, the day of birth.
    pub(crate) fn day(self) -> u32 {
        (self.0 / 10_000) as u32
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

/// The Luhn check digit of the nine digits before it.
fn check_digit(mut nine: u64) -> u64 {
    let mut sum = 0;
    let mut weight = 2;
    for _ in 0..9 {
        let product = nine % 10 * weight;
        sum += product / 10 + product % 10;
        nine /= 10;
        weight = 3 - weight;
    }
    (10 - sum % 10) % 10
}

/// The published personal numbers, in order.
pub fn published() -> &'static [Number] {
    static LIST: LazyLock<Vec<Number>> = LazyLock::new(|| list(include_str!("../data/test-numbers.txt")));
    &LIST
}

/// The published coordination numbers, in order.
pub fn coordination() -> &'static [Number] {
    static LIST: LazyLock<Vec<Number>> = LazyLock::new(|| list(include_str!("../data/coordination-numbers.txt")));
    &LIST
}

fn list(text: &str) -> Vec<Number> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(Number::parse).collect()
}

/// One person in so many has a coordination number, as long as there are any. A prime number, so that they do not
/// all have the same done to them by whatever goes by hundreds.
const COORDINATION_EVERY: u32 = 101;

/// How many days of birth the derived numbers spread over, from 1890 to 1910.
const DERIVED_DAYS: u32 = 7_669;

/// How many birth numbers a day has: 001 to 999.
const BIRTH_NUMBERS: u32 = 999;

/// Who has which number, for one seed.
#[derive(Clone, Debug)]
pub(crate) struct Numbers {
    personal: Vec<Number>,
}

impl Numbers {
    /// The published numbers in the order that `seed` shuffles them into.
    pub(crate) fn new(seed: u64) -> Self {
        let mut personal = published().to_vec();
        let mut draw = Draw::new(seed, Purpose::Order, 0);
        for last in (1..personal.len()).rev() {
            personal.swap(last, draw.below(last + 1));
        }
        Self { personal }
    }

    /// The personal numbers of the birth years `years`, from the end of the order, which staff reaches last.
    pub(crate) fn born(&self, years: RangeInclusive<i16>) -> Vec<Number> {
        self.personal.iter().rev().filter(|number| years.contains(&number.year())).copied().collect()
    }

    /// The number of person `index`.
    pub(crate) fn get(&self, index: u32) -> Number {
        let (round, place) = (index / COORDINATION_EVERY, index % COORDINATION_EVERY);
        if place == COORDINATION_EVERY - 1
            && let Some(number) = coordination().get(round as usize)
        {
            return *number;
        }
        let gone = (index / COORDINATION_EVERY).min(coordination().len() as u32);
        let rank = index - gone;
        match self.personal.get(rank as usize) {
            Some(number) => *number,
            None => derived(rank - self.personal.len() as u32),
        }
    }
}

/// The number at `rank` beyond the published ones.
fn derived(rank: u32) -> Number {
    let day = date(1890, 1, 1).saturating_add(i64::from(rank % DERIVED_DAYS).days());
    Number::of(day, u64::from(BIRTH_NUMBERS - rank / DERIVED_DAYS))
}
