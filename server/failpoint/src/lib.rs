//! Named places at which script/torture lets a process die, and the defects by which it proves that its checker sees.
//! Without the feature `failpoints` both are nothing.

/// A place.
///
/// `FAILPOINTS="purchase::hold::after_commit=5%return"` in the environment makes every twentieth arrival there the
/// process's last; `sleep(100)` instead of `return` makes it wait.
/// <https://docs.rs/fail/0.5.1/fail/>
#[cfg(feature = "failpoints")]
pub fn at(step: &str, moment: &str) {
    static ARM: std::sync::Once = std::sync::Once::new();
    // Armed until the process ends.
    ARM.call_once(|| std::mem::forget(fail::FailScenario::setup()));
    let place = format!("{step}::{moment}");
    let _not_armed: Option<()> = fail::eval(&place, |_| kill_here(&place));
}

/// A place; nothing in this build.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub fn at(_step: &str, _moment: &str) {}

/// Ends the process as SIGKILL would: nothing is finished, closed or dropped.
#[cfg(feature = "failpoints")]
fn kill_here(place: &str) {
    eprintln!("killed at {place}");
    std::process::abort()
}

/// Whether the process is to have this defect: the one that `OCTAVO_DEFECT` names.
#[cfg(feature = "failpoints")]
#[must_use]
pub fn defect(name: &str) -> bool {
    static DEFECT: std::sync::LazyLock<Option<String>> = std::sync::LazyLock::new(|| {
        #[expect(clippy::disallowed_methods, reason = "only in a build for script/torture")]
        std::env::var("OCTAVO_DEFECT").ok()
    });
    DEFECT.as_deref() == Some(name)
}

/// Never in this build.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
#[must_use]
pub const fn defect(_name: &str) -> bool {
    false
}
