//! Numbers, which stay text until somebody asks.

use serde_json::Value;

#[derive(Clone, Copy)]
pub(super) enum Number {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
}

impl Number {
    /// Reads exactly one number; `None` for what is none, or beyond a double.
    pub(super) fn read(text: &str) -> Option<Self> {
        Self::integer(text).or_else(|| {
            // Refuses leading zeros and whatever else is nearly a number.
            let float: f64 = serde_json::from_str(text).ok()?;
            float.is_finite().then_some(Self::Float(float))
        })
    }

    /// What fits into 64 bits. Minus zero is no integer.
    fn integer(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let has_form = digits.bytes().all(|byte| byte.is_ascii_digit());
        if !has_form || digits.len() > 1 && digits.starts_with('0') {
            return None;
        }
        let number: u64 = digits.parse().ok()?;
        if digits.len() == text.len() {
            return Some(Self::Unsigned(number));
        }
        0_i64.checked_sub_unsigned(number).filter(|number| *number < 0).map(Self::Signed)
    }

    pub(super) fn to_value(self) -> Value {
        match self {
            Self::Unsigned(number) => number.into(),
            Self::Signed(number) => number.into(),
            Self::Float(number) => number.into(),
        }
    }
}
