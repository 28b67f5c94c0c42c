//! Chance that is no chance: numbers that follow from a text.

/// A stream of numbers that a text decides.
pub(super) struct Seed(u64);

impl Seed {
    pub(super) fn of(text: &str) -> Self {
        Self(fnv(text))
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end.max(1)
    }

    /// A number of whole steps between `low` and `high`, both included.
    pub(super) fn between(&mut self, low: u16, high: u16) -> f32 {
        let steps = self.below(u64::from(high - low) + 1);
        f32::from(low) + steps as f32
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        let at = self.below(from.len() as u64) as usize;
        from.get(at).copied()
    }
}

/// FNV-1a.
pub(super) fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
