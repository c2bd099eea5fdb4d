mod contract;

use super::*;
use crate::{
    catalog::v1::{
        Attribute, Channel, CreateChannelRequest, ImportProductsRequest, Product, attribute::Value,
    },
    identity::v1::{CreateAddressRequest, SignUpRequest},
    orders::v1::{AddLinesRequest, LineItem, ShippingAddress, StartCheckoutRequest},
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
    for name in ["a\u{0}b", "Ada\nBcc: x", &"x".repeat(101)] {
        assert_eq!(fields(&SignUpRequest { display_name: name.into(), ..sign_up() }), ["display_name"]);
    }
    for email in ["", "ada", "ada@", "a b@example.com", "ada@example", "ada@-x.com"] {
        assert_eq!(fields(&SignUpRequest { email: email.into(), ..sign_up() }), ["email"], "{email}");
    }
}

fn address() -> ShippingAddress {
    ShippingAddress {
        recipient: "Ada".into(),
        lines: vec!["1 Harbour Street".into()],
        locality: "Portland".into(),
        administrative_area: String::new(),
        postal_code: String::new(),
        region_code: "US".into(),
    }
}

fn checkout(address: ShippingAddress) -> StartCheckoutRequest {
    StartCheckoutRequest {
        cart: "carts/crt_01J00000000000000000000000".into(),
        shipping_address: Some(address),
        payment_token: "tok_approve".into(),
        request_id: "7c9e6679-7425-40de-944b-e07fc1f90ae7".into(),
        ..StartCheckoutRequest::default()
    }
}

#[test]
fn every_text_is_in_form_before_it_is_checked() {
    let mut request = checkout(ShippingAddress {
        recipient: " Zoe\u{308} ".into(),
        lines: vec!["1 Ru\u{308}e\u{3000}".into(), "\u{FEFF}2".into()],
        // 100 characters as they are kept, 200 as they are sent.
        locality: "e\u{301}".repeat(100),
        administrative_area: "\u{3164}".into(),
        ..address()
    });
    request.request_id.make_ascii_uppercase();
    assert_eq!(accept(&mut request), Ok(()));
    let kept = request.shipping_address.unwrap();
    assert_eq!((kept.recipient.as_str(), kept.administrative_area.as_str()), ("Zoë", ""));
    assert_eq!((kept.lines, kept.locality), (vec!["1 Rüe".to_owned(), "2".to_owned()], "é".repeat(100)));
    assert_eq!(request.request_id, "7c9e6679-7425-40de-944b-e07fc1f90ae7");

    let text = Value::Text("Cre\u{300}me".into());
    let attribute = Attribute { key: "color".into(), value: Some(text) };
    let mut import = ImportProductsRequest {
        products: vec![Product {
            description: "a\r\nb\r\n".into(),
            attributes: vec![attribute],
            ..Product::default()
        }],
    };
    import.normalize();
    assert_eq!(import.products[0].description, "a\nb");
    assert_eq!(import.products[0].attributes[0].value, Some(Value::Text("Crème".into())));
}

#[test]
fn blank_text_is_no_text() {
    for blank in [" ", "\u{200B}", "\u{2800}", "\u{3164}\u{FE0F}"] {
        let mut request = checkout(ShippingAddress {
            recipient: blank.into(),
            lines: vec![blank.into()],
            locality: blank.into(),
            ..address()
        });
        let violations = accept(&mut request).unwrap_err();
        let fields: Vec<_> = violations.iter().map(|violation| violation.field.as_str()).collect();
        let at = "shipping_address";
        assert_eq!(fields, [format!("{at}.recipient"), format!("{at}.lines[0]"), format!("{at}.locality")]);
        assert!(violations.iter().all(|violation| violation.description == "is required"));
    }
}

#[test]
fn a_region_is_one_that_exists() {
    for region in ["ZZ", "XX", "us", ""] {
        let request = checkout(ShippingAddress { region_code: region.into(), ..address() });
        assert_eq!(fields(&request), ["shipping_address.region_code"], "{region}");
    }
    let channel = Channel {
        name: "channels/x".into(),
        title: "x".into(),
        currency_code: "EUR".into(),
        locale: "de-AT".into(),
        tax_mode: 1,
        countries: vec!["AT".into(), "ZZ".into()],
    };
    assert_eq!(fields(&CreateChannelRequest { channel: Some(channel) }), ["channel.countries[1]"]);
}

#[test]
fn lengths_count_characters() {
    // Seven characters of eleven bytes.
    assert_eq!(fields(&SignUpRequest { password: "ünïcödé".into(), ..sign_up() }), ["password"]);
    assert_eq!(fields(&SignUpRequest { display_name: "ä".repeat(100), ..sign_up() }), [""; 0]);
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
