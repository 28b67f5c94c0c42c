//! Passwords at rest: argon2id, on threads of its own, a bounded number at once.

mod rules;

use std::fmt;
use std::sync::Arc;
use std::thread::available_parallelism;

use argon2::password_hash::{self, PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::Error;
pub use rules::PasswordProblem;
pub(crate) use rules::{MAX_BYTES, check};

/// How many callers may wait for a hash before the next is turned away.
const MOST_WAITING: usize = 32;

/// What hashing one password costs: memory and passes over it, on one lane.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
}

impl Cost {
    /// OWASP's floor for argon2id: 19 MiB, two passes.
    pub const STANDARD: Self = Self { memory_kib: 19 * 1024, passes: 2 };
    /// Next to nothing, for tests that sign up many people. Protects nobody.
    pub const FOR_TESTS: Self = Self { memory_kib: 64, passes: 1 };
}

/// Hashes passwords and checks them. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Passwords {
    argon2: Argon2<'static>,
    /// The hash of nothing anybody knows, checked for addresses that have no account so that they take as long.
    decoy: Arc<str>,
    running: Arc<Semaphore>,
    /// Those running and those waiting.
    admitted: Arc<Semaphore>,
}

/// What checking a password found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Wrong,
    Right,
    /// Right, but hashed more cheaply than is usual now: store this hash instead.
    Outdated(String),
}

impl Passwords {
    pub(crate) fn new(cost: Cost) -> Result<Self, Error> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).map_err(password_hash::Error::from)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = argon2.hash_password(uuid::Uuid::new_v4().as_bytes())?;
        let cores = available_parallelism().map_or(1, usize::from);
        Ok(Self {
            argon2,
            decoy: decoy.to_string().into(),
            running: Arc::new(Semaphore::new(cores)),
            admitted: Arc::new(Semaphore::new(cores + MOST_WAITING)),
        })
    }

    /// The hash to store, as a PHC string.
    pub(crate) async fn hash(&self, password: SecretString) -> Result<String, Error> {
        self.run(move |argon2| hash(argon2, &password)).await
    }

    /// Whether `password` is the one that `stored` was made of. Without `stored` it is wrong, after the same work.
    pub(crate) async fn verify(&self, password: SecretString, stored: Option<String>) -> Result<Verdict, Error> {
        let decoy = Arc::clone(&self.decoy);
        self.run(move |argon2| {
            let known = PasswordHash::new(stored.as_deref().unwrap_or(&decoy))?;
            match argon2.verify_password(password.expose_secret().as_bytes(), &known) {
                Err(password_hash::Error::PasswordInvalid) => Ok(Verdict::Wrong),
                Err(error) => Err(error),
                Ok(()) if stored.is_none() => Ok(Verdict::Wrong),
                Ok(()) if is_outdated(argon2.params(), &known)? => hash(argon2, &password).map(Verdict::Outdated),
                Ok(()) => Ok(Verdict::Right),
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'_>) -> password_hash::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| Error::Busy)?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| Error::Busy)?;
        let argon2 = self.argon2.clone();
        let done = spawn_blocking(move || {
            // Held by the work itself: a caller who hangs up does not make room for one more.
            let _held = (admitted, running);
            work(&argon2)
        });
        Ok(done.await.map_err(Error::HashStopped)??)
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords").field("argon2", &self.argon2).finish_non_exhaustive()
    }
}

fn hash(argon2: &Argon2<'_>, password: &SecretString) -> password_hash::Result<String> {
    Ok(argon2.hash_password(password.expose_secret().as_bytes())?.to_string())
}

fn is_outdated(now: &Params, stored: &PasswordHash) -> password_hash::Result<bool> {
    let then = Params::try_from(stored)?;
    Ok(stored.algorithm != ARGON2ID_IDENT || then.m_cost() < now.m_cost() || then.t_cost() < now.t_cost())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords() -> Passwords {
        Passwords::new(Cost::FOR_TESTS).unwrap()
    }

    #[tokio::test]
    async fn security_4_a_password_counts_exactly_as_typed() {
        let passwords = passwords();
        let typed = format!(" {}x ", "päss 🎈".repeat(13));
        let hash = passwords.hash(typed.clone().into()).await.unwrap();
        let mut last_differs = typed.clone();
        last_differs.replace_range(typed.len() - 2.., "y ");
        for wrong in [typed.trim(), &last_differs, &typed.to_uppercase(), &typed[..72]] {
            let verdict = passwords.verify(wrong.into(), Some(hash.clone())).await.unwrap();
            assert_eq!(verdict, Verdict::Wrong, "{wrong:?}");
        }
        assert_eq!(passwords.verify(typed.into(), Some(hash)).await.unwrap(), Verdict::Right);
    }

    #[tokio::test]
    async fn security_83_the_standard_hash_is_argon2id_at_owasps_figures() {
        let hash = Passwords::new(Cost::STANDARD).unwrap().hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hash.len() <= 255);
    }

    #[tokio::test]
    async fn security_21_an_unknown_account_costs_a_hash_of_the_same_parameters() {
        let passwords = passwords();
        let real = passwords.hash("correct horse".into()).await.unwrap();
        let params = |phc: &str| PasswordHash::new(phc).unwrap().params.to_string();
        assert_eq!(params(&passwords.decoy), params(&real));
        assert_eq!(passwords.verify("correct horse".into(), None).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_cheaper_hash_is_renewed_and_a_dearer_one_is_kept() {
        let dear = Passwords::new(Cost { memory_kib: 128, passes: 2 }).unwrap();
        let cheap = passwords();
        let old = cheap.hash("correct horse".into()).await.unwrap();
        let Verdict::Outdated(new) = dear.verify("correct horse".into(), Some(old)).await.unwrap() else {
            panic!("the cheaper hash was kept");
        };
        assert!(new.contains("m=128,t=2"));
        assert_eq!(dear.verify("correct horse".into(), Some(new.clone())).await.unwrap(), Verdict::Right);
        assert_eq!(cheap.verify("correct horse".into(), Some(new)).await.unwrap(), Verdict::Right);
    }

    #[tokio::test]
    async fn a_damaged_hash_is_an_error_and_not_a_wrong_password() {
        let verdict = passwords().verify("correct horse".into(), Some("damaged".into())).await;
        assert!(matches!(verdict, Err(Error::Hash(_))));
    }

    #[tokio::test]
    async fn security_85_the_queue_for_hashing_ends() {
        let passwords = passwords();
        let places = u32::try_from(passwords.admitted.available_permits()).unwrap();
        let all = Arc::clone(&passwords.admitted).try_acquire_many_owned(places).unwrap();
        assert!(matches!(passwords.hash("correct horse".into()).await, Err(Error::Busy)));
        drop(all);
        assert!(passwords.hash("correct horse".into()).await.is_ok());
    }
}
