//! The generated services, by delegation only.

mod archive_product;
mod attributes;
mod caller;
mod categories;
mod channels;
mod create_product;
mod delete_category;
mod get_product;
mod import_products;
mod list_products;
mod move_category;
mod publish_product;
mod quote_variants;
mod search_products;
pub mod translate;
mod update_product;

use std::sync::Arc;

use shopmesh_kit::{clock::Clock, db::Db};
use shopmesh_proto::catalog::v1::{self as pb, *};
use tonic::{Request, Response, Status, async_trait};

use crate::search::ProductIndex;

/// What every RPC works with.
#[derive(Clone)]
pub struct Catalog {
    /// Products, categories, definitions, channels.
    pub db: Db,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Full-text search.
    pub index: Arc<ProductIndex>,
}

type Reply<T> = Result<Response<T>, Status>;

#[async_trait]
impl product_service_server::ProductService for Catalog {
    async fn get_product(&self, request: Request<GetProductRequest>) -> Reply<Product> {
        Ok(Response::new(get_product::answer(self, request).await?))
    }

    async fn list_products(&self, request: Request<ListProductsRequest>) -> Reply<ListProductsResponse> {
        Ok(Response::new(list_products::answer(self, request).await?))
    }

    async fn search_products(
        &self,
        request: Request<SearchProductsRequest>,
    ) -> Reply<SearchProductsResponse> {
        Ok(Response::new(search_products::answer(self, request).await?))
    }

    async fn create_product(&self, request: Request<CreateProductRequest>) -> Reply<Product> {
        Ok(Response::new(create_product::answer(self, request).await?))
    }

    async fn update_product(&self, request: Request<UpdateProductRequest>) -> Reply<Product> {
        Ok(Response::new(update_product::answer(self, request).await?))
    }

    async fn publish_product(&self, request: Request<PublishProductRequest>) -> Reply<Product> {
        Ok(Response::new(publish_product::answer(self, request).await?))
    }

    async fn archive_product(&self, request: Request<ArchiveProductRequest>) -> Reply<Product> {
        Ok(Response::new(archive_product::answer(self, request).await?))
    }
}

#[async_trait]
impl product_import_service_server::ProductImportService for Catalog {
    async fn import_products(
        &self,
        request: Request<ImportProductsRequest>,
    ) -> Reply<ImportProductsResponse> {
        Ok(Response::new(import_products::answer(self, request).await?))
    }
}

#[async_trait]
impl quote_service_server::QuoteService for Catalog {
    async fn quote_variants(&self, request: Request<QuoteVariantsRequest>) -> Reply<QuoteVariantsResponse> {
        Ok(Response::new(quote_variants::answer(self, request).await?))
    }
}

#[async_trait]
impl category_service_server::CategoryService for Catalog {
    async fn get_category(&self, request: Request<GetCategoryRequest>) -> Reply<Category> {
        Ok(Response::new(categories::get(self, request).await?))
    }

    async fn list_categories(
        &self,
        request: Request<ListCategoriesRequest>,
    ) -> Reply<ListCategoriesResponse> {
        Ok(Response::new(categories::list(self, request).await?))
    }

    async fn create_category(&self, request: Request<CreateCategoryRequest>) -> Reply<Category> {
        Ok(Response::new(categories::create(self, request).await?))
    }

    async fn move_category(&self, request: Request<MoveCategoryRequest>) -> Reply<Category> {
        Ok(Response::new(move_category::answer(self, request).await?))
    }

    async fn delete_category(&self, request: Request<DeleteCategoryRequest>) -> Reply<()> {
        Ok(Response::new(delete_category::answer(self, request).await?))
    }
}

#[async_trait]
impl attribute_service_server::AttributeService for Catalog {
    async fn list_attribute_definitions(
        &self,
        _: Request<ListAttributeDefinitionsRequest>,
    ) -> Reply<ListAttributeDefinitionsResponse> {
        Ok(Response::new(attributes::list(self).await?))
    }

    async fn create_attribute_definition(
        &self,
        request: Request<CreateAttributeDefinitionRequest>,
    ) -> Reply<AttributeDefinition> {
        Ok(Response::new(attributes::create(self, request).await?))
    }
}

#[async_trait]
impl channel_service_server::ChannelService for Catalog {
    async fn get_channel(&self, request: Request<GetChannelRequest>) -> Reply<pb::Channel> {
        Ok(Response::new(channels::get(self, request).await?))
    }

    async fn list_channels(&self, _: Request<ListChannelsRequest>) -> Reply<ListChannelsResponse> {
        Ok(Response::new(channels::list(self).await?))
    }

    async fn create_channel(&self, request: Request<CreateChannelRequest>) -> Reply<pb::Channel> {
        Ok(Response::new(channels::create(self, request).await?))
    }
}

#[cfg(test)]
mod tests;
