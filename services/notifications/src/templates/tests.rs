//! Every template renders with its variables, and with nothing less or more.

use super::*;

fn values(template: &Template) -> Variables {
    template.variables.iter().map(|name| (name.clone(), format!("<{name}>"))).collect()
}

#[test]
fn every_template_renders_with_its_variables() {
    for template in all() {
        let rendered = template.render(&values(template)).unwrap();
        for name in &template.variables {
            let both = format!("{}\n{}", rendered.subject, rendered.text);
            assert!(both.contains(&format!("<{name}>")), "{} does not show {name}", template.id);
        }
        assert!(rendered.text.starts_with("Hello,\n"), "{}", rendered.text);
        assert!(!rendered.text.contains("{%") && !rendered.text.contains("{{"), "{}", rendered.text);
        assert!(!rendered.subject.contains('\n'));
    }
}

#[test]
fn every_fact_is_said_by_some_template() {
    let said = |variable: &str| all().iter().any(|template| template.variables.contains(variable));
    assert!(Fact::VARIABLES.into_iter().all(said));
}

#[test]
#[should_panic(expected = "something else than facts")]
fn a_template_says_facts_and_nothing_else() {
    Template::read(("greeting", "Subject: Hello\n\nHello {{ name }},\n"));
}

#[test]
fn ids_are_sorted_and_found() {
    assert!(all().is_sorted_by_key(|template| template.id));
    for template in all() {
        assert_eq!(find(template.id).unwrap().subject, template.subject);
    }
    assert!(find("nonsense").is_none());
}

#[test]
fn what_is_missing_or_unknown_is_refused() {
    for template in all() {
        for name in &template.variables {
            let mut values = values(template);
            values.remove(name);
            assert_eq!(template.render(&values), Err(RenderError::Missing(name.clone())), "{}", template.id);
        }
        let mut values = values(template);
        values.insert("nonsense".to_owned(), String::new());
        assert_eq!(template.render(&values), Err(RenderError::Unknown("nonsense".to_owned())));
    }
}

#[test]
fn a_subject_stays_one_header() {
    let template = find("order-placed").unwrap();
    for injected in ["7\r\nBcc: everybody@example.com", "7\nX: y", "7\u{0}", "7\r", "7\u{85}"] {
        let mut values = values(template);
        values.insert("order_number".to_owned(), injected.to_owned());
        assert_eq!(template.render(&values), Err(RenderError::HeaderInjection), "{injected:?}");
    }
}

#[test]
fn values_are_texts_never_templates() {
    let template = find("order-placed").unwrap();
    let mut values = values(template);
    values.insert("order_number".to_owned(), "{{ total }}{% for x in range(9) %}".to_owned());
    assert_eq!(template.render(&values).unwrap().subject, "Your order {{ total }}{% for x in range(9) %}");
}
