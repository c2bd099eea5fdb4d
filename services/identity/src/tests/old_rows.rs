//! A database of the time when rows held whole names, and roles by theirs.

use std::sync::LazyLock;

use serde_json::json;
use shopmesh_kit::{
    clock::{Clock, ManualClock, SystemClock},
    db::{Migrator, sql},
    error::Error,
};
use shopmesh_proto::{identity::v1 as pb, policy::v1::Role};

use super::{PASSWORD, Running, by, open_with};
use crate::{
    app::App,
    domain::{
        email::Email,
        password::Password,
        roles,
        session::{Granted, Session},
    },
    ids::{AddressName, UserId},
    store::MIGRATOR,
    tokens::refresh,
};

const EMAIL: &str = "ann@example.com";
const REFRESH_TOKEN: &str = "rt_of_the_old_version";

static OLD: LazyLock<Migrator> = LazyLock::new(|| {
    let migrations = MIGRATOR.iter().filter(|migration| migration.version <= 2).cloned();
    Migrator { migrations: migrations.collect(), ..Migrator::DEFAULT }
});

/// What an account and its session left behind.
struct Old {
    email_key: Vec<u8>,
    password_hash: String,
    address: AddressName,
    session: Session,
    place: Vec<u8>,
    sealer: shopmesh_kit::sealed::Sealer,
}

impl Old {
    async fn of(app: &App) -> Self {
        let user = UserId::generate();
        let email_key = app.email_key(&Email::parse("email", EMAIL).unwrap());
        let place = app.counter_key(&[b"place", &email_key, &[192, 0, 2, 1]]);
        let password = Password::attempt(PASSWORD);
        let password_hash = app.passwords.hash(app.passwords.take_place().unwrap(), password).await.unwrap();
        let address = AddressName::generate(user.clone());
        let session = Session::open(user, app.clock.now());
        Self { email_key, password_hash, address, session, place, sealer: app.sealer.clone() }
    }

    async fn write(&self, tx: &mut shopmesh_kit::db::Tx) -> Result<(), Error> {
        let (user, now) = (self.address.user.name(), self.session.created);
        let profile = json!({ "email": EMAIL, "display_name": "Ann Example" }).to_string();
        let context = format!("{user}/profile");
        let profile = self.sealer.seal(&mut *tx, &user, &context, profile.as_bytes()).await?;
        let address = json!({
            "recipient": "Ann Example", "lines": ["1 Main Street"], "locality": "Springfield",
            "administrative_area": "IL", "postal_code": "62701", "region_code": "US", "phone": "",
        });
        let address = address.to_string();
        let address = self.sealer.seal(&mut *tx, &user, &self.address.name(), address.as_bytes()).await?;
        let statements = [
            sql("INSERT INTO users (id, email_key, sealed_profile, password_hash, locale, state, addresses, repeat_told,
                version, created, updated) VALUES ($1, $2, $3, $4, 'en-US', 1, 1, 0, 3, $5, $5)")
            .bind(&user)
            .bind(&self.email_key)
            .bind(profile)
            .bind(&self.password_hash)
            .bind(now),
            sql("INSERT INTO role_bindings (user_id, role, scope, granted) VALUES
                ($1, 'shopper', '', 1), ($1, 'seller', 'sellers/house', 2), ($1, 'operator', '', 3)")
            .bind(&user),
            sql("INSERT INTO addresses (id, user_id, sealed_address, created) VALUES ($1, $2, $3, $4)")
                .bind(self.address.id.as_str())
                .bind(&user)
                .bind(address)
                .bind(now),
            sql("INSERT INTO sessions (id, user_id, created, last_used, expires) VALUES ($1, $2, $3, $3, $4)")
                .bind(self.session.id.name())
                .bind(&user)
                .bind(now)
                .bind(self.session.expires),
            sql("INSERT INTO refresh_tokens (token_hash, session_id, spent) VALUES ($1, $2, NULL)")
                .bind(refresh::hash(REFRESH_TOKEN))
                .bind(self.session.id.name()),
            sql("INSERT INTO known_places (place, user_id, used) VALUES ($1, $2, $3)")
                .bind(&self.place)
                .bind(&user)
                .bind(now),
            sql("UPDATE signing_keys SET id = 'keys/' || id"),
        ];
        for statement in statements {
            assert_ne!(statement.execute(&mut *tx).await?, 0);
        }
        Ok(())
    }
}

#[tokio::test]
async fn what_an_older_version_wrote_is_read() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), ManualClock::at(SystemClock.now()));
    let app = open_with(&OLD, &folder, &clock).await;
    let old = Old::of(&app).await;
    let (user, address, session) = (old.address.user.clone(), old.address.name(), old.session.clone());
    let granted = Granted { session, version: 3, bindings: vec![roles::of_a_new_account()] };
    let (jwks, access_token) = (app.keys.jwks(), app.keys.sign(&granted).unwrap());
    app.db.write(old, |tx, old| Box::pin(old.write(tx))).await.unwrap();
    app.db.close().await;

    let running = Running::start_in(folder, clock).await;
    assert_eq!(running.app.keys.jwks(), jwks);
    let held = pb::TokenSet { access_token, refresh_token: REFRESH_TOKEN.to_owned(), ..Default::default() };
    let ann = running.me(&held).await.unwrap();
    assert_eq!(
        (ann.name, ann.email.as_str(), ann.display_name.as_str()),
        (user.name(), EMAIL, "Ann Example")
    );
    let bindings: Vec<_> = ann.role_bindings.iter().map(|held| (held.role(), held.scope.as_str())).collect();
    assert_eq!(bindings, [(Role::Shopper, ""), (Role::Seller, "sellers/house"), (Role::Operator, "")]);
    let get = pb::GetAddressRequest { name: address };
    let address = running.users().get_address(by(&held, get)).await.unwrap().into_inner();
    assert_eq!(address.lines, ["1 Main Street"]);
    let next = running.refresh(&held.refresh_token).await.unwrap();
    assert_eq!(next.user, user.name());
    running.users().list_users(by(&next, pb::ListUsersRequest::default())).await.unwrap();
    let again = running.sign_in(EMAIL, PASSWORD).await.unwrap();
    assert_eq!(again.user, user.name());
    let places = sql("SELECT user_id FROM known_places").all(&running.app.db).await.unwrap();
    assert_eq!(places.len(), 1, "the place is known");
    assert_eq!(UserId::stored(&places[0].text("user_id").unwrap()).unwrap(), user);
    let left =
        sql("SELECT name FROM sqlite_master WHERE name LIKE 'old_%'").all(&running.app.db).await.unwrap();
    assert!(left.is_empty(), "no copy is left");
}
