//! GetCategory, ListCategories, CreateCategory.

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
    page::{self, PageToken},
};
use shopmesh_proto::catalog::v1::{
    self as pb, CreateCategoryRequest, GetCategoryRequest, ListCategoriesRequest, ListCategoriesResponse,
};
use tonic::Request;

use super::{Catalog, translate};
use crate::{
    domain::{
        category::{Category, Place},
        ids::CategoryId,
    },
    store::categories,
};

const DEFAULT_PAGE: usize = 200;
const MAX_PAGE: usize = 1000;

pub async fn get(catalog: &Catalog, request: Request<GetCategoryRequest>) -> Result<pb::Category> {
    let id = CategoryId::parse(&request.get_ref().name)?;
    Ok(translate::category(&categories::get(&catalog.db, &id).await?))
}

pub async fn list(
    catalog: &Catalog,
    request: Request<ListCategoriesRequest>,
) -> Result<ListCategoriesResponse> {
    const QUERY: &str = "ListCategories";
    let request = request.into_inner();
    let after = PageToken::decode(&request.page_token, QUERY)?.unwrap_or_default();
    let size = page::clamp(request.page_size, DEFAULT_PAGE, MAX_PAGE);
    let found = categories::list(&catalog.db, &after, size).await?;
    let (categories, next_page_token) = found.show(
        QUERY,
        |category| category.place.path.clone(),
        |category| Ok(translate::category(category)),
    )?;
    Ok(ListCategoriesResponse { categories, next_page_token })
}

/// What a new category is made of.
struct NewCategory {
    id: CategoryId,
    parent: Option<CategoryId>,
    code: String,
    title: String,
}

pub async fn create(catalog: &Catalog, request: Request<CreateCategoryRequest>) -> Result<pb::Category> {
    let given = request.into_inner().category.unwrap_or_default();
    let new = NewCategory {
        id: CategoryId::generate(),
        parent: translate::optional_category("category.parent", &given.parent)?,
        code: given.code,
        title: given.title,
    };
    catalog.db.write(new, |tx, new| Box::pin(add(tx, new))).await
}

async fn add(tx: &mut Tx, new: &NewCategory) -> Result<pb::Category> {
    let parent = match &new.parent {
        None => None,
        Some(id) => Some(categories::find(&mut *tx, id).await?.ok_or_else(|| {
            Error::invalid("category.parent", format!("`{id}` does not exist; create it first"))
        })?),
    };
    let category = Category {
        place: Place::below(parent.as_ref(), &new.id)?,
        id: new.id.clone(),
        parent: new.parent.clone(),
        code: new.code.clone(),
        title: new.title.clone(),
    };
    categories::add(tx, &category).await?;
    Ok(translate::category(&category))
}
