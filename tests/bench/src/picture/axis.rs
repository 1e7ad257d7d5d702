//! A logarithmic axis, and the numbers that stand beside it.

/// A logarithmic axis over whole decades.
pub struct Axis {
    /// The powers of ten that it begins and ends with.
    powers: (i32, i32),
    ends: (f64, f64),
}

impl Axis {
    /// One from one place of the picture to another that has room for all these.
    pub fn over(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.map(|value| value.max(f64::MIN_POSITIVE).log10()) {
            (low, high) = (low.min(value), high.max(value));
        }
        let first = low.floor() as i32;
        Self { powers: (first, (high.ceil() as i32).max(first + 1)), ends: (from, to) }
    }

    /// Where a value stands.
    pub fn place(&self, value: f64) -> f64 {
        let (low, high) = (f64::from(self.powers.0), f64::from(self.powers.1));
        let share = (value.max(f64::MIN_POSITIVE).log10() - low) / (high - low);
        self.ends.0 + share * (self.ends.1 - self.ends.0)
    }

    /// The powers of ten on it.
    pub fn decades(&self) -> impl Iterator<Item = f64> {
        (self.powers.0..=self.powers.1).map(|power| 10_f64.powi(power))
    }
}

/// A number with as many digits as say something, in groups of three.
pub fn grouped(number: f64) -> String {
    if number < 10.0 {
        return format!("{}", (number * 10.0).round() / 10.0);
    }
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Axis, grouped};

    #[test]
    fn an_axis_ends_with_whole_decades() {
        let axis = Axis::over([20.0, 3_000.0].into_iter(), 0.0, 300.0);
        assert_eq!(axis.decades().collect::<Vec<_>>(), [10.0, 100.0, 1_000.0, 10_000.0]);
        assert_eq!([10.0, 100.0, 10_000.0].map(|value| axis.place(value).round()), [0.0, 100.0, 300.0]);
        assert_eq!(Axis::over([10.0].into_iter(), 0.0, 1.0).decades().count(), 2);
    }

    #[test]
    fn numbers_are_shown_as_people_read_them() {
        assert_eq!(["1,000,000", "999", "6.4"], [1_000_000.0, 999.2, 6.44].map(grouped));
    }
}
