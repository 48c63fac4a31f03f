//! Small changes to a long good value. Of random bytes nothing would ever open; of a good value
//! with two bytes changed, something might.

/// Applies the changes that the bytes describe, four bytes each: what, where (two), with what.
#[must_use]
pub fn applied(good: &[u8], edits: &[u8]) -> Vec<u8> {
    let mut value = good.to_vec();
    for edit in edits.chunks_exact(4).take(MOST) {
        let &[what, high, low, with] = edit else { continue };
        let at = usize::from(u16::from_be_bytes([high, low])).min(value.len());
        match what % 6 {
            0 => {
                if let Some(byte) = value.get_mut(at) {
                    *byte = with;
                }
            }
            1 => {
                if let Some(byte) = value.get_mut(at) {
                    *byte ^= 1 << (with % 8);
                }
            }
            2 => value.insert(at, with),
            3 => {
                let end = (at + usize::from(with)).min(value.len());
                value.drain(at..end);
            }
            4 => value.truncate(at),
            _ => value.rotate_left(at),
        }
    }
    value
}

const MOST: usize = 16;
