//! A shop of its own for each test, and browsers that keep its cookie as tower-sessions' layer would.

use std::sync::Arc;

use database::Database;
use database::testing::TestDatabase;
use identity::{
    Cost, Customer, IDLE_LIFETIME, Identity, SessionStore, Settings, Shopper, SignInError, SignUp, SignUpError,
    SignedIn,
};
use tower_sessions::session::{Expiry, Id};
use tower_sessions::{Session, SessionStore as _};

pub const PASSWORD: &str = "correct horse battery";

pub struct Shop {
    pub identity: Identity,
    pub store: SessionStore,
    pub test: TestDatabase,
}

impl Shop {
    pub async fn open() -> Self {
        let test = TestDatabase::create(&sqlx::migrate!("../../migrations/shop")).await;
        Self {
            identity: identity(&test.database, Cost::FOR_TESTS),
            store: SessionStore::new(test.database.clone()),
            test,
        }
    }

    pub fn database(&self) -> &Database {
        &self.test.database
    }

    pub fn browser(&self) -> Browser<'_> {
        self.browser_with(None)
    }

    /// A browser that sends this cookie, however it came by it.
    pub fn browser_with(&self, cookie: Option<Id>) -> Browser<'_> {
        Browser { shop: self, cookie }
    }

    pub async fn close(self) {
        self.test.drop().await;
    }
}

/// A handle on this database, on which one guess of a password costs this.
pub fn identity(database: &Database, cost: Cost) -> Identity {
    let proof_url = "https://octavo.example/prove-address/".to_owned();
    let settings = Settings { shop_name: "Octavo".to_owned(), cost, proof_url };
    Identity::new(database.clone(), settings, Arc::default()).unwrap()
}

pub struct Browser<'a> {
    shop: &'a Shop,
    pub cookie: Option<Id>,
}

impl Browser<'_> {
    pub fn session(&self) -> Session {
        let expiry = Expiry::OnInactivity(IDLE_LIFETIME);
        Session::new(self.cookie, Arc::new(self.shop.store.clone()), Some(expiry))
    }

    /// One request: what `work` does with the session is saved as the layer saves it.
    pub async fn request<T>(&mut self, work: impl AsyncFnOnce(&Identity, &Session) -> T) -> T {
        let session = self.session();
        let answer = work(&self.shop.identity, &session).await;
        if session.is_empty().await {
            self.cookie = None;
        } else if session.is_modified() {
            session.save().await.unwrap();
            self.cookie = session.id();
        }
        answer
    }

    pub async fn sign_up(&mut self, email: &str) -> Result<SignedIn, SignUpError> {
        self.sign_up_with(email, PASSWORD).await
    }

    pub async fn sign_up_with(&mut self, email: &str, password: &str) -> Result<SignedIn, SignUpError> {
        let sign_up = SignUp { name: "Ada Byron".to_owned(), email: email.to_owned(), password: password.into() };
        self.request(async |identity, session| identity.sign_up(session, sign_up).await).await
    }

    pub async fn sign_in(&mut self, email: &str, password: &str) -> Result<SignedIn, SignInError> {
        self.request(async |identity, session| identity.sign_in(session, email, password.into()).await).await
    }

    pub async fn sign_out(&mut self) {
        self.request(async |identity, session| identity.sign_out(session).await).await.unwrap();
    }

    pub async fn customer(&mut self) -> Option<Customer> {
        self.request(async |identity, session| identity.customer(session).await).await.unwrap()
    }

    pub async fn shopper(&mut self) -> Option<Shopper> {
        self.request(async |identity, session| identity.shopper(session).await).await.unwrap()
    }

    pub async fn shopper_or_new(&mut self) -> Shopper {
        self.request(async |identity, session| {
            let shopper = identity.shopper_or_new(session).await?;
            identity.remember(session, &shopper).await?;
            Ok::<_, identity::Error>(shopper)
        })
        .await
        .unwrap()
    }

    /// Puts a value into the session from outside, as time would.
    pub async fn put(&mut self, key: &str, value: impl serde::Serialize) {
        self.request(async |_, session| session.insert(key, value).await).await.unwrap();
    }

    pub async fn is_stored(&self) -> bool {
        match self.cookie {
            Some(id) => self.shop.store.load(&id).await.unwrap().is_some(),
            None => false,
        }
    }
}
