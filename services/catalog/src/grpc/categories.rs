//! GetCategory, ListCategories, CreateCategory, MoveCategory and DeleteCategory.

use shopmesh_kit::{
    error::Result,
    page::{Page, Sizes},
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::catalog::v1 as pb;

use crate::{
    app::App,
    ids::CategoryId,
    store, translate,
    usecases::categories::{self, NewCategory},
};

/// Trees are read whole by those who show them.
const SIZES: Sizes = Sizes { default: 200, largest: 1000 };

/// A category.
pub async fn get(app: &App, _: &Call, request: pb::GetCategoryRequest) -> Result<pb::Category> {
    let id = CategoryId::parse(&request.name)?;
    Ok(translate::rpc::category(&store::categories::get(&app.db, &id).await?))
}

/// One page, in tree order.
pub async fn list(
    app: &App,
    _: &Call,
    request: pb::ListCategoriesRequest,
) -> Result<pb::ListCategoriesResponse> {
    let page = Page::of(request.page_size, &request.page_token, SIZES, "categories")?;
    let found = store::categories::list(&app.db, page.cursor().unwrap_or_default(), page.size).await?;
    let (categories, next_page_token) = page.show(
        found,
        |category| category.place.path.clone(),
        |category| Ok(translate::rpc::category(category)),
    )?;
    Ok(pb::ListCategoriesResponse { categories, next_page_token })
}

/// Adds a category.
pub async fn create(app: &App, _: &Call, request: pb::CreateCategoryRequest) -> Result<pb::Category> {
    let given = request.category.unwrap_or_default();
    let new = NewCategory {
        id: CategoryId::generate(),
        parent: translate::rpc::optional_category("category.parent", &given.parent)?,
        code: given.code,
        title: given.title,
    };
    let made = app.db.write(new, |tx, new| Box::pin(categories::create(tx, new))).await?;
    Ok(translate::rpc::category(&made))
}

/// Moves a category with all below it.
pub async fn relocate(app: &App, _: &Call, request: pb::MoveCategoryRequest) -> Result<pb::Category> {
    let id = CategoryId::parse(&request.name)?;
    let parent = translate::rpc::optional_category("parent", &request.parent)?;
    let moved = app
        .db
        .write((id, parent), |tx, (id, parent)| Box::pin(categories::relocate(tx, id, parent.as_ref())));
    Ok(translate::rpc::category(&moved.await?))
}

/// Deletes an empty category.
pub async fn delete(app: &App, _: &Call, request: pb::DeleteCategoryRequest) -> Result<()> {
    let id = CategoryId::parse(&request.name)?;
    app.db.write(id, |tx, id| Box::pin(categories::delete(tx, id))).await
}
