//! What is found, counted and ordered, on an index in a temporary folder.

use std::path::Path;

use shopmesh_kit::{
    clock::Timestamp,
    money::{Currency, Money},
};

use super::{index::Found, *};
use crate::{
    domain::{
        channel::DEFAULT_CHANNEL,
        product::{Content, Price, Product, ProductState, Variant},
        taxonomy::Taxonomy,
    },
    ids::{CategoryId, ProductId, VariantId},
};

const DONE: Cursor = Cursor { version: schema::VERSION, position: 1, event: String::new(), taxonomy: 1 };

struct Shop {
    taxonomy: Taxonomy,
    grocery: CategoryId,
    frozen: CategoryId,
    tea: CategoryId,
}

impl Shop {
    fn new() -> Self {
        let (grocery, frozen, tea) = (CategoryId::generate(), CategoryId::generate(), CategoryId::generate());
        let row = |id: &CategoryId, title: &str, path: String| (id.clone(), title.to_owned(), path);
        let taxonomy = Taxonomy::new(
            1,
            [
                row(&grocery, "Grocery", grocery.as_str().to_owned()),
                row(&frozen, "Frzn Ice", format!("{}/{}", grocery.as_str(), frozen.as_str())),
                row(&tea, "Tea", format!("{}/{}", grocery.as_str(), tea.as_str())),
            ],
        );
        Self { taxonomy, grocery, frozen, tea }
    }

    fn products(&self) -> Vec<Product> {
        vec![
            product("Crushed ice", "Polar", Some(&self.frozen), Some(199)),
            product("Ice cubes", "Polar", Some(&self.frozen), Some(299)),
            product("Earl Grey, loose", "Leaf & Co", Some(&self.tea), Some(899)),
            product("Iced tea", "Leaf & Co", Some(&self.tea), None),
            Product {
                state: ProductState::Archived,
                ..product("Old ice", "Polar", Some(&self.frozen), Some(99))
            },
        ]
    }

    fn index(&self, folder: &Path) -> ProductIndex {
        let index = ProductIndex::open(folder).unwrap();
        let mut writer = index.writer().unwrap();
        for product in self.products() {
            writer.put(&product, &self.taxonomy).unwrap();
        }
        writer.commit(&DONE).unwrap();
        writer.close().unwrap();
        index
    }
}

fn product(title: &str, brand: &str, category: Option<&CategoryId>, cents: Option<i64>) -> Product {
    let usd = Currency::parse("USD").unwrap();
    let price = |minor| Price { channel: DEFAULT_CHANNEL.into(), amount: Money { minor, currency: usd } };
    let id = ProductId::generate();
    let variant = Variant {
        id: VariantId::generate(),
        sku: format!("SKU-{}", id.as_str()),
        title: String::new(),
        package_size: "22 LB".into(),
        prices: cents.map(price).into_iter().collect(),
    };
    let content = Content {
        title: title.into(),
        brand: brand.into(),
        product_type: "Thing".into(),
        category: category.cloned(),
        variants: vec![variant],
        ..Content::default()
    };
    let at = Timestamp(1);
    Product {
        code: id.as_str().to_lowercase(),
        id,
        seller: "sellers/house".into(),
        state: ProductState::Active,
        content,
        version: 1,
        created_at: at,
        updated_at: at,
    }
}

fn asked(words: &str) -> Criteria {
    Criteria { words: words.into(), channel: DEFAULT_CHANNEL.into(), ..Criteria::default() }
}

fn titles(found: &Found) -> Vec<&str> {
    found.hits.iter().map(|hit| hit.title.as_str()).collect()
}

#[test]
fn every_word_must_occur_and_the_last_is_a_prefix() {
    let folder = tempfile::tempdir().unwrap();
    let index = Shop::new().index(folder.path());
    let found = |words: &str| {
        let mut titles: Vec<String> =
            index.search(&asked(words), 0, 10).unwrap().hits.into_iter().map(|hit| hit.title).collect();
        titles.sort();
        titles
    };
    assert_eq!(found("FRZN ICE"), ["Crushed ice", "Ice cubes"]);
    assert_eq!(found("crush"), ["Crushed ice"]);
    assert_eq!(found("crush ice"), [""; 0], "only the last word is a prefix");
    assert_eq!(found("leaf loo"), ["Earl Grey, loose"]);
    assert_eq!(found("leaf ic"), [""; 0], "Iced tea has no price in the channel");
    assert_eq!(found("grocery 22"), ["Crushed ice", "Earl Grey, loose", "Ice cubes"]);
    assert_eq!(found("ice nowhere"), [""; 0]);
    assert_eq!(found("old"), [""; 0], "archived products are not found");
    for all in ["", "  "] {
        assert_eq!(found(all).len(), 3);
    }
    for nothing in ["!?", "%", "😀", "*", "\u{301}"] {
        assert_eq!(found(nothing), [""; 0], "{nothing} has no word");
    }
}

#[test]
fn a_word_in_the_title_ranks_first() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::new();
    let index = shop.index(folder.path());
    let mut writer = index.writer().unwrap();
    let iced = product("Iced tea", "Leaf & Co", Some(&shop.tea), Some(299));
    writer.put(&iced, &shop.taxonomy).unwrap();
    writer.commit(&DONE).unwrap();
    let found = index.search(&asked("tea"), 0, 10).unwrap();
    assert_eq!(titles(&found), ["Iced tea", "Earl Grey, loose"]);
}

#[test]
fn filters_narrow_and_facets_count_what_they_would_find() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::new();
    let index = shop.index(folder.path());
    let all = index.search(&asked(""), 0, 1).unwrap();
    assert_eq!((all.hits.len(), all.total), (1, 3), "total and facets are not those of the page");
    for (field, counts) in FacetField::ALL.into_iter().zip(all.facets) {
        let counts = counts.top();
        assert!(!counts.is_empty(), "{field:?}");
        for (value, count) in counts {
            let mut chosen = asked("");
            match field {
                FacetField::Category => chosen.category = Some(value.clone()),
                FacetField::Brand => chosen.brands = vec![value.clone()],
                FacetField::ProductType => chosen.product_types = vec![value.clone()],
            }
            assert_eq!(index.search(&chosen, 0, 10).unwrap().total, count, "{field:?} {value}");
        }
    }
    let below = Criteria { category: Some(shop.grocery.as_str().into()), ..asked("") };
    assert_eq!(index.search(&below, 0, 10).unwrap().total, 3);
    let both = Criteria { brands: vec!["Polar".into(), "Leaf & Co".into(), "None".into()], ..asked("") };
    assert_eq!(index.search(&both, 0, 10).unwrap().total, 3);
}

#[test]
fn prices_filter_and_order_and_without_one_nothing_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let index = Shop::new().index(folder.path());
    let cheapest = index.search(&Criteria { order: Order::PriceAscending, ..asked("") }, 0, 10).unwrap();
    assert_eq!(titles(&cheapest), ["Crushed ice", "Ice cubes", "Earl Grey, loose"]);
    let dearest = index.search(&Criteria { order: Order::PriceDescending, ..asked("") }, 0, 10).unwrap();
    assert_eq!(titles(&dearest), ["Earl Grey, loose", "Ice cubes", "Crushed ice"]);
    let within = Criteria { min_price: 200, max_price: 899, order: Order::PriceAscending, ..asked("") };
    assert_eq!(titles(&index.search(&within, 0, 10).unwrap()), ["Ice cubes", "Earl Grey, loose"]);
    let elsewhere = Criteria { channel: "channels/other".into(), ..asked("crushed") };
    assert_eq!(index.search(&elsewhere, 0, 10).unwrap().total, 0);
    let offer = index.search(&asked("crushed"), 0, 10).unwrap().hits[0].offer.clone().unwrap();
    assert_eq!((offer.minor, offer.currency.as_str(), offer.package_size.as_str()), (199, "USD", "22 LB"));
}

#[test]
fn pages_join_without_gap() {
    let folder = tempfile::tempdir().unwrap();
    let index = Shop::new().index(folder.path());
    let order = Criteria { order: Order::PriceAscending, ..asked("") };
    let whole = index.search(&order, 0, 10).unwrap().hits;
    let mut paged = Vec::new();
    for offset in 0..3 {
        paged.extend(index.search(&order, offset, 1).unwrap().hits);
    }
    assert_eq!(paged, whole);
    assert!(index.search(&order, 3, 1).unwrap().hits.is_empty());
}

#[test]
fn a_change_replaces_and_archiving_removes() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::new();
    let index = ProductIndex::open(folder.path()).unwrap();
    let mut writer = index.writer().unwrap();
    let mut tea = product("Green tea", "Leaf", Some(&shop.tea), Some(100));
    writer.put(&tea, &shop.taxonomy).unwrap();
    writer.commit(&DONE).unwrap();
    tea.content.title = "Black tea".into();
    writer.put(&tea, &shop.taxonomy).unwrap();
    assert_eq!(index.search(&asked("green"), 0, 1).unwrap().total, 1, "not seen before the commit");
    writer.commit(&DONE).unwrap();
    assert_eq!(index.search(&asked("green"), 0, 1).unwrap().total, 0);
    assert_eq!(index.search(&asked("black"), 0, 1).unwrap().total, 1);
    tea.archive(Timestamp(2));
    writer.put(&tea, &shop.taxonomy).unwrap();
    writer.commit(&DONE).unwrap();
    assert_eq!(index.search(&asked(""), 0, 1).unwrap().total, 0);
}

#[test]
fn the_index_survives_a_restart_and_another_version_is_built_anew() {
    let folder = tempfile::tempdir().unwrap();
    let index = Shop::new().index(folder.path());
    drop(index);
    let index = ProductIndex::open(folder.path()).unwrap();
    assert_eq!((index.len(), index.cursor().unwrap()), (4, Some(DONE)));
    let mut writer = index.writer().unwrap();
    writer.commit(&Cursor { version: schema::VERSION + 1, ..DONE }).unwrap();
    writer.close().unwrap();
    drop(index);
    let index = ProductIndex::open(folder.path()).unwrap();
    assert_eq!((index.len(), index.cursor().unwrap()), (0, None));
    drop(index);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        std::fs::write(file.unwrap().path(), b"damaged").unwrap();
    }
    assert_eq!(ProductIndex::open(folder.path()).unwrap().len(), 0);
}

#[test]
fn hostile_queries_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let index = Shop::new().index(folder.path());
    for words in
        ["\u{0}", "title:ice OR *", "((((", "ı̇İß", &"x".repeat(200), "a b c d e f g h i j k l m n o p"]
    {
        index.search(&asked(words), 0, 10).unwrap();
    }
}

#[test]
fn every_variant_counts_for_the_price() {
    let folder = tempfile::tempdir().unwrap();
    let index = ProductIndex::open(folder.path()).unwrap();
    let mut writer = index.writer().unwrap();
    let mut both = product("Both", "Leaf", None, Some(100));
    both.content.variants.extend(product("", "", None, Some(5000)).content.variants);
    let middle = product("Middle", "Leaf", None, Some(2000));
    for product in [&both, &middle] {
        writer.put(product, &Taxonomy::default()).unwrap();
    }
    writer.commit(&DONE).unwrap();
    let found = |min_price, max_price, order| {
        let asked = Criteria { min_price, max_price, order, ..asked("") };
        let found = index.search(&asked, 0, 10).unwrap();
        assert_eq!(found.facets[1].clone().top(), [("Leaf".to_owned(), found.total)]);
        titles(&found).join(" ")
    };
    assert_eq!(found(0, 0, Order::PriceAscending), "Both Middle");
    assert_eq!(found(1000, 0, Order::PriceAscending), "Middle Both", "the variant within the prices counts");
    assert_eq!(found(1000, 0, Order::PriceDescending), "Both Middle");
    assert_eq!(found(3000, 6000, Order::PriceAscending), "Both");
    assert_eq!(found(50, 150, Order::PriceAscending), "Both");
}

/// What is indexed, what is asked, whether it is found.
const FOLDED: &[(&str, &str, bool)] = &[
    ("İstanbul", "istanbul", true),
    ("ISTANBUL", "ıstanbul", true),
    ("istanbul", "İSTANBUL", true),
    ("Crème brûlée", "creme brulee", true),
    ("Cre\u{300}me", "crème", true),
    ("Straße", "STRASSE", true),
    ("Łódź ØRSTED", "lodz ørsted", true),
    ("Œuf", "oeuf", true),
    ("Ελληνικός καφές", "ΕΛΛΗΝΙΚΟΣ ΚΑΦΕΣ", true),
    ("ΚΑΦΕΣ", "καφές", true),
    ("Ёлка", "елка", true),
    ("елка", "ЁЛКА", true),
    ("Чай чёрный", "чай черный", true),
    ("Чай", "чаи", false),
    ("שָׁלוֹם", "שלום", true),
    ("شَاي", "شاي", true),
    ("شـــاي", "شاي", true),
    ("أحمد", "احمد", true),
    ("إيران آب", "ايران اب", true),
    ("قهوة", "قهوه", true),
    ("چای سبز ایرانی", "ايراني", true),
    ("٢٥٠ غرام", "250", true),
    ("有機緑茶100g", "緑茶", true),
    ("有機緑茶", "茶", true),
    ("有機緑茶", "紅茶", false),
    ("有機緑茶 100g", "緑茶 100g", true),
    ("抹茶アイス", "アイス", true),
    ("抹茶アイス", "ｱｲｽ", true),
    ("らーめん", "ラーメン", true),
    ("ガラス", "カラス", false),
    ("녹차라떼", "녹차", true),
    ("녹차라떼", "라떼", true),
    ("\u{1102}\u{1169}\u{11a8}\u{110e}\u{1161}", "녹차", true),
    ("ชาเขียวมัทฉะ", "ชาเขียว", true),
    ("ชาเขียวมัทฉะ", "มัทฉะ", true),
    ("हिन्दी चाय", "हिन्दी", true),
    ("चाय", "चोय", false),
    ("choco\u{ad}late", "chocolate", true),
    ("choco\u{200b}late", "chocolate", true),
    ("chocolate", "cho\u{200d}co\u{2060}late", true),
    ("\u{feff}tea", "tea", true),
    ("ＦＵＬＬ　１２３", "full 123", true),
    ("full 123", "ＦＵＬＬ１２３", false),
    ("ﬁne tea", "fine", true),
    ("Coca-Cola™ Zero", "cola zero", true),
    ("Earl-Grey", "earl grey", true),
    ("Earl Grey", "😀", false),
    ("100 % Arabica 😀", "%", false),
    ("100 % Arabica 😀", "% arabica", true),
];

#[test]
fn what_reads_the_same_is_found() {
    for (text, query, is_found) in FOLDED {
        let folder = tempfile::tempdir().unwrap();
        let index = ProductIndex::open(folder.path()).unwrap();
        let mut writer = index.writer().unwrap();
        writer.put(&product(text, "Brand", None, Some(100)), &Taxonomy::default()).unwrap();
        writer.commit(&DONE).unwrap();
        let found = index.search(&asked(query), 0, 1).unwrap().total == 1;
        assert_eq!(found, *is_found, "{query} in {text}");
    }
}
