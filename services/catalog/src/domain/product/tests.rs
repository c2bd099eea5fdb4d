//! What each change makes of a product.

use shopmesh_kit::money::Currency;

use super::*;

const LATER: Timestamp = Timestamp(2_000_000);

fn variant(sku: &str, cents: Option<i64>) -> Variant {
    let usd = Currency::parse("USD").unwrap();
    let prices = cents
        .map(|minor| Price { channel: "channels/default".into(), amount: Money { minor, currency: usd } });
    Variant {
        id: VariantId::generate(),
        sku: sku.into(),
        title: String::new(),
        package_size: "16 OZ".into(),
        prices: prices.into_iter().collect(),
    }
}

fn product(variants: Vec<Variant>) -> Product {
    Product {
        id: ProductId::generate(),
        code: "tea".into(),
        seller: HOUSE_SELLER.into(),
        state: ProductState::Draft,
        content: Content { title: "Tea".into(), variants, ..Content::default() },
        version: 1,
        created_at: Timestamp(1_000_000),
        updated_at: Timestamp(1_000_000),
    }
}

#[test]
fn only_what_can_be_bought_is_published() {
    assert!(product(vec![]).publish(LATER).is_err());
    assert!(product(vec![variant("A", None)]).publish(LATER).is_err());
    let mut tea = product(vec![variant("A", None), variant("B", Some(100))]);
    assert!(tea.publish(LATER).unwrap());
    assert_eq!((tea.state, tea.version, tea.updated_at), (ProductState::Active, 2, LATER));
}

#[test]
fn publishing_and_archiving_may_be_repeated() {
    let mut tea = product(vec![variant("A", Some(100))]);
    assert!(tea.publish(LATER).unwrap());
    assert!(!tea.publish(LATER).unwrap());
    assert!(tea.archive(LATER));
    assert!(!tea.archive(LATER));
    assert!(tea.publish(LATER).unwrap());
    assert_eq!(tea.version, 4);
}

#[test]
fn an_active_product_keeps_a_price() {
    let mut tea = product(vec![variant("A", Some(100))]);
    tea.publish(LATER).unwrap();
    let before = tea.clone();
    let without = Content { variants: vec![], ..tea.content.clone() };
    assert!(tea.revise(without.clone(), LATER).is_err());
    assert_eq!(tea, before, "a refused change leaves nothing behind");
    tea.archive(LATER);
    assert!(tea.revise(without, LATER).unwrap());
}

#[test]
fn a_variant_keeps_its_identity_by_its_sku() {
    let mut tea = product(vec![variant("A", Some(100)), variant("B", Some(200))]);
    let kept = tea.content.variants[1].id.clone();
    let mut content = tea.content.clone();
    content.merge(
        Content {
            title: "Ignored".into(),
            variants: vec![variant("B", Some(250)), variant("C", None)],
            ..Content::default()
        },
        &[ContentPart::Variants],
    );
    assert!(tea.revise(content, LATER).unwrap());
    assert_eq!(tea.content.title, "Tea");
    assert_eq!(tea.content.variants[0].id, kept);
    assert_eq!(tea.content.variants.len(), 2);
}

#[test]
fn a_sku_that_comes_back_is_the_variant_it_was() {
    let mut tea = product(vec![variant("A", Some(100)), variant("B", Some(200))]);
    tea.publish(LATER).unwrap();
    let (a, b) = (tea.content.variants[0].id.clone(), tea.content.variants[1].id.clone());
    let update = |tea: &Product, variants| {
        let mut content = tea.content.clone();
        content.merge(Content { variants, ..Content::default() }, &[ContentPart::Variants]);
        content
    };
    tea.revise(update(&tea, vec![variant("B", Some(200))]), LATER).unwrap();
    assert_eq!(tea.content.retired, [Retired { id: a.clone(), sku: "A".into() }]);
    let mut renamed = tea.content.clone();
    renamed.merge(Content { title: "Chai".into(), ..Content::default() }, &[ContentPart::Title]);
    tea.revise(renamed, LATER).unwrap();
    tea.import(Content { variants: vec![variant("C", Some(1))], ..tea.content.clone() }, LATER).unwrap();
    let same = Content { variants: vec![variant("C", Some(1))], ..tea.content.clone() };
    assert!(!tea.import(same, LATER).unwrap(), "what is retired stays retired");
    tea.revise(update(&tea, vec![variant("A", Some(1)), variant("B", Some(1))]), LATER).unwrap();
    let ids: Vec<&VariantId> = tea.content.variants.iter().map(|variant| &variant.id).collect();
    assert_eq!(ids, [&a, &b]);
    assert_eq!(tea.content.retired.len(), 1);
}

#[test]
fn what_a_product_remembers_has_an_end() {
    let mut content = Content::default();
    for number in 0..MAX_RETIRED + 10 {
        let mut next = Content { variants: vec![variant(&number.to_string(), None)], ..Content::default() };
        next.keep_identities(&content);
        content = next;
    }
    assert_eq!(content.retired.len(), MAX_RETIRED);
    assert_eq!(content.retired[0].sku, "9");
}

#[test]
fn the_same_import_changes_nothing() {
    let mut tea = product(vec![variant("A", Some(100))]);
    assert!(tea.import(tea.content.clone(), LATER).unwrap(), "a draft is published");
    let again = Content { variants: vec![variant("A", Some(100))], ..tea.content.clone() };
    assert!(!tea.import(again, LATER).unwrap());
    let dearer = Content { variants: vec![variant("A", Some(101))], ..tea.content.clone() };
    let id = tea.content.variants[0].id.clone();
    assert!(tea.import(dearer, LATER).unwrap());
    assert_eq!((tea.version, &tea.content.variants[0].id), (3, &id));
}

#[test]
fn the_cheapest_variant_is_that_of_the_channel() {
    let tea = product(vec![variant("A", Some(300)), variant("B", None), variant("C", Some(200))]);
    let (cheapest, price) = tea.content.cheapest_in("channels/default", |_| true).unwrap();
    assert_eq!((cheapest.sku.as_str(), price.minor), ("C", 200));
    assert!(tea.content.cheapest_in("channels/other", |_| true).is_none());
}

#[test]
fn a_mask_names_known_fields() {
    let mask = |paths: &[&str]| {
        ContentPart::of_mask(&paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(mask(&[]).unwrap().len(), ContentPart::ALL.len());
    assert_eq!(mask(&["brand", "brand"]).unwrap(), [ContentPart::Brand]);
    for path in ["", "state", "seller", "name", "variants.sku"] {
        assert!(mask(&[path]).is_err(), "{path}");
    }
}
