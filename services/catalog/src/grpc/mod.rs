//! What can be asked, one file an RPC.

mod archive_product;
mod attributes;
mod caller;
mod categories;
mod channels;
mod create_product;
mod get_product;
mod import_products;
mod list_products;
mod publish_product;
mod quote_variants;
mod search_products;
mod update_product;

use shopmesh_kit::rpcs;
use shopmesh_proto::catalog::v1::{
    attribute_service_server::{AttributeService, AttributeServiceServer},
    category_service_server::{CategoryService, CategoryServiceServer},
    channel_service_server::{ChannelService, ChannelServiceServer},
    product_import_service_server::{ProductImportService, ProductImportServiceServer},
    product_service_server::{ProductService, ProductServiceServer},
    quote_service_server::{QuoteService, QuoteServiceServer},
    *,
};

use crate::app::App;

rpcs! {
    App;
    ProductService in ProductServiceServer {
        get_product(GetProductRequest) -> Product = get_product::answer,
        list_products(ListProductsRequest) -> ListProductsResponse = list_products::answer,
        search_products(SearchProductsRequest) -> SearchProductsResponse = search_products::answer,
        create_product(CreateProductRequest) -> Product = create_product::answer,
        update_product(UpdateProductRequest) -> Product = update_product::answer,
        publish_product(PublishProductRequest) -> Product = publish_product::answer,
        archive_product(ArchiveProductRequest) -> Product = archive_product::answer,
    }
    ProductImportService in ProductImportServiceServer {
        import_products(ImportProductsRequest) -> ImportProductsResponse = import_products::answer,
    }
    QuoteService in QuoteServiceServer {
        quote_variants(QuoteVariantsRequest) -> QuoteVariantsResponse = quote_variants::answer,
    }
    CategoryService in CategoryServiceServer {
        get_category(GetCategoryRequest) -> Category = categories::get,
        list_categories(ListCategoriesRequest) -> ListCategoriesResponse = categories::list,
        create_category(CreateCategoryRequest) -> Category = categories::create,
        move_category(MoveCategoryRequest) -> Category = categories::relocate,
        delete_category(DeleteCategoryRequest) -> () = categories::delete,
    }
    AttributeService in AttributeServiceServer {
        list_attribute_definitions(ListAttributeDefinitionsRequest) -> ListAttributeDefinitionsResponse = attributes::list,
        create_attribute_definition(CreateAttributeDefinitionRequest) -> AttributeDefinition = attributes::create,
    }
    ChannelService in ChannelServiceServer {
        get_channel(GetChannelRequest) -> Channel = channels::get,
        list_channels(ListChannelsRequest) -> ListChannelsResponse = channels::list,
        create_channel(CreateChannelRequest) -> Channel = channels::create,
    }
}
