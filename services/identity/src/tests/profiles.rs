//! Profiles, addresses and contacts.

use shopmesh_kit::db::sql;
use shopmesh_proto::identity::v1 as pb;
use tonic::{Code, Response, Status};

use super::{Running, by, code};

fn address(line: &str) -> pb::Address {
    pb::Address {
        name: String::new(),
        recipient: "Ann Example".to_owned(),
        lines: vec![line.to_owned()],
        locality: "Springfield".to_owned(),
        administrative_area: "IL".to_owned(),
        postal_code: "62701".to_owned(),
        region_code: "US".to_owned(),
        phone: String::new(),
    }
}

pub async fn create_address(running: &Running, of: &pb::TokenSet, line: &str) -> Result<pb::Address, Status> {
    let request = pb::CreateAddressRequest { parent: "users/me".to_owned(), address: Some(address(line)) };
    running.users().create_address(by(of, request)).await.map(Response::into_inner)
}

fn update(user: pb::User, paths: &[&str]) -> pb::UpdateUserRequest {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    pb::UpdateUserRequest { user: Some(user), update_mask: Some(prost_types::FieldMask { paths }) }
}

#[tokio::test]
async fn a_profile_changes_by_mask_and_etag() {
    let running = Running::start().await;
    let ann = running.person("ann@example.com").await;
    let before = running.me(&ann).await.unwrap();
    assert_eq!((before.email.as_str(), before.display_name.as_str()), ("ann@example.com", "Ann Example"));
    let change = |user: pb::User, paths: &'static [&'static str]| {
        let (mut client, request) = (running.users(), by(&ann, update(user, paths)));
        async move { client.update_user(request).await.map(Response::into_inner) }
    };
    let wanted = pb::User { display_name: "Anna".into(), locale: "de".into(), ..before.clone() };
    let after = change(wanted.clone(), &["display_name"]).await.unwrap();
    assert_eq!((after.display_name.as_str(), after.locale.as_str()), ("Anna", "en-US"));
    assert_ne!(after.etag, before.etag);

    assert_eq!(code(&change(wanted.clone(), &["locale"]).await), Code::Aborted, "the etag is stale");
    let unchecked = pb::User { etag: String::new(), ..wanted.clone() };
    assert_eq!(change(unchecked.clone(), &["locale"]).await.unwrap().locale, "de");
    for path in ["email", "role_bindings", "nonsense", ""] {
        let answer = running.users().update_user(by(&ann, update(unchecked.clone(), &[path]))).await;
        assert_eq!(code(&answer), Code::InvalidArgument, "{path}");
    }
    // Nothing differs: no version, no event.
    change(unchecked, &["locale"]).await.unwrap();
    assert_eq!(running.events(&ann.user).await, ["UserCreated", "UserUpdated", "UserUpdated"]);
}

#[tokio::test]
async fn accounts_are_private() {
    let running = Running::start().await;
    let (ann, bob) = (running.person("ann@example.com").await, running.person("bob@example.com").await);
    let get = pb::GetUserRequest { name: ann.user.clone() };
    assert_eq!(code(&running.users().get_user(by(&bob, get.clone())).await), Code::PermissionDenied);
    assert_eq!(code(&running.users().get_user(get.clone()).await), Code::Unauthenticated);
    running.users_as_operator().get_user(get).await.unwrap();
    let change = update(pb::User { name: ann.user.clone(), ..Default::default() }, &[]);
    assert_eq!(code(&running.users().update_user(by(&bob, change)).await), Code::PermissionDenied);
    assert_eq!(
        code(&running.users().list_users(by(&bob, pb::ListUsersRequest::default())).await),
        Code::PermissionDenied
    );

    let home = create_address(&running, &ann, "1 Main Street").await.unwrap();
    let request = pb::GetAddressRequest { name: home.name.clone() };
    assert_eq!(code(&running.users().get_address(by(&bob, request)).await), Code::PermissionDenied);
    let request = pb::DeleteAddressRequest { name: home.name };
    assert_eq!(code(&running.users().delete_address(by(&bob, request)).await), Code::PermissionDenied);
}

#[tokio::test]
async fn users_are_listed_in_pages() {
    let running = Running::start().await;
    for number in 0..3 {
        running.sign_up(&format!("person{number}@example.com"), super::PASSWORD).await.unwrap();
    }
    let mut operator = running.users_as_operator();
    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let page = pb::ListUsersRequest { page_size: 2, page_token: page_token.clone() };
        let page = operator.list_users(page).await.unwrap().into_inner();
        seen.extend(page.users.into_iter().map(|user| user.email));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ["person2@example.com", "person1@example.com", "person0@example.com"]);
    let broken = pb::ListUsersRequest { page_size: 2, page_token: "broken".to_owned() };
    assert_eq!(code(&operator.list_users(broken).await), Code::InvalidArgument);
}

#[tokio::test]
async fn addresses_come_and_go_up_to_a_hundred() {
    let running = Running::start().await;
    let ann = running.person("ann@example.com").await;
    for number in 0..100 {
        create_address(&running, &ann, &format!("{number} Main Street")).await.unwrap();
    }
    assert_eq!(code(&create_address(&running, &ann, "one too many").await), Code::FailedPrecondition);
    let list = pb::ListAddressesRequest { parent: "users/me".to_owned() };
    let all = running.users().list_addresses(by(&ann, list)).await.unwrap().into_inner().addresses;
    assert_eq!((all.len(), all[7].lines[0].as_str()), (100, "7 Main Street"));

    let gone = all[7].name.clone();
    let delete = pb::DeleteAddressRequest { name: gone.clone() };
    running.users().delete_address(by(&ann, delete.clone())).await.unwrap();
    assert_eq!(code(&running.users().delete_address(by(&ann, delete)).await), Code::NotFound);
    let get = pb::GetAddressRequest { name: gone };
    assert_eq!(code(&running.users().get_address(by(&ann, get)).await), Code::NotFound);
    let last = create_address(&running, &ann, "a place was freed").await.unwrap();
    let get = pb::GetAddressRequest { name: last.name.replace(&ann.user, "users/me") };
    assert_eq!(running.users().get_address(by(&ann, get)).await.unwrap().into_inner(), last);
    assert_eq!(code(&create_address(&running, &ann, "two\nlines").await), Code::InvalidArgument);
}

#[tokio::test]
async fn a_sealed_address_opens_in_its_own_row_only() {
    let running = Running::start().await;
    let ann = running.person("ann@example.com").await;
    let (one, other) = (
        create_address(&running, &ann, "1 Main Street").await.unwrap(),
        create_address(&running, &ann, "2 Main Street").await.unwrap(),
    );
    let id = |address: &pb::Address| address.name.rsplit('/').next().unwrap().to_owned();
    let moved = running.app.db.write((id(&one), id(&other)), |tx, (one, other)| {
        Box::pin(
            sql("UPDATE addresses SET sealed_address = (SELECT sealed_address FROM addresses WHERE id = $1)
                 WHERE id = $2")
            .bind(one)
            .bind(other)
            .execute(tx),
        )
    });
    assert_eq!(moved.await.unwrap(), 1);
    let get = pb::GetAddressRequest { name: other.name };
    assert_eq!(code(&running.users().get_address(by(&ann, get)).await), Code::Internal);
}

#[tokio::test]
async fn contacts_are_for_neighbors_and_leave_out_the_unknown() {
    let running = Running::start().await;
    let ann = running.person("ann@example.com").await;
    let names = vec![ann.user.clone(), crate::ids::UserId::generate().name()];
    let request = pb::BatchGetContactsRequest { names };
    let contacts =
        running.directory().batch_get_contacts(request.clone()).await.unwrap().into_inner().contacts;
    let expected = pb::Contact {
        user: ann.user.clone(),
        email: "ann@example.com".to_owned(),
        display_name: "Ann Example".to_owned(),
        locale: "en-US".to_owned(),
    };
    assert_eq!(contacts, [expected]);
    let mut edge = pb::user_directory_service_client::UserDirectoryServiceClient::new(running.edge.clone());
    assert_eq!(code(&edge.batch_get_contacts(by(&ann, request)).await), Code::PermissionDenied);
}
