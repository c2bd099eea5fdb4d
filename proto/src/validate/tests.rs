use super::*;
use crate::{
    identity::v1::{CreateAddressRequest, SignUpRequest},
    orders::v1::{AddLinesRequest, LineItem},
};

fn fields<M: Validate>(message: &M) -> Vec<String> {
    check(message).err().unwrap_or_default().into_iter().map(|violation| violation.field).collect()
}

fn sign_up() -> SignUpRequest {
    SignUpRequest {
        email: "ada@example.com".into(),
        password: "correct horse".into(),
        display_name: "Ada".into(),
        locale: "en-GB".into(),
    }
}

#[test]
fn a_good_request_passes() {
    assert_eq!(fields(&sign_up()), [""; 0]);
}

#[test]
fn each_broken_rule_is_named_by_its_path() {
    let request = AddLinesRequest {
        cart: "carts/nope".into(),
        lines: vec![
            LineItem { variant: "variants/var_01J00000000000000000000000".into(), quantity: 1 },
            LineItem { variant: String::new(), quantity: 0 },
        ],
        etag: String::new(),
        request_id: "1".into(),
    };
    assert_eq!(fields(&request), ["cart", "lines[1].variant", "lines[1].quantity", "request_id"]);
}

#[test]
fn required_messages_and_lists() {
    assert_eq!(fields(&CreateAddressRequest { parent: "users/me".into(), address: None }), ["address"]);
    assert!(fields(&AddLinesRequest::default()).contains(&"lines".to_owned()));
}

#[test]
fn odd_text_is_refused() {
    for name in ["a\u{0}b", "e\u{301}", &"x".repeat(101)] {
        assert_eq!(fields(&SignUpRequest { display_name: name.into(), ..sign_up() }), ["display_name"]);
    }
    for email in ["", "ada", "ada@", "a b@example.com", "ada@example", "ada@-x.com"] {
        assert_eq!(fields(&SignUpRequest { email: email.into(), ..sign_up() }), ["email"], "{email}");
    }
}

#[test]
fn secrets_are_masked_in_debug_and_absent_from_violations() {
    let request = SignUpRequest { password: "hunter2".into(), ..sign_up() };
    assert!(!format!("{request:?}").contains("hunter2"));
    assert!(!format!("{request:?}").contains("ada@"));
    assert!(!format!("{:?}", check(&request)).contains("hunter2"));
}

#[test]
fn the_status_carries_field_violations() {
    let status = violations_to_status(check(&SignUpRequest::default()).unwrap_err());
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    let details = status.get_error_details();
    assert_eq!(details.bad_request().unwrap().field_violations[0].field, "email");
    assert_eq!(details.error_info().unwrap().reason, "INVALID_FIELD");
}
