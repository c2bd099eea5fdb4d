//! The running shop, reached over mTLS as an operator.

use anyhow::Context;
use shopmesh_mesh::{ServiceName, client::MeshChannel};
use shopmesh_proto::{
    catalog::v1::{
        ListChannelsRequest, attribute_service_client::AttributeServiceClient,
        category_service_client::CategoryServiceClient, channel_service_client::ChannelServiceClient,
        product_import_service_client::ProductImportServiceClient,
    },
    inventory::v1::{
        ListLocationsRequest, inventory_service_client::InventoryServiceClient,
        stock_import_service_client::StockImportServiceClient,
    },
};

use crate::ShopArgs;

/// Clients of what an import calls.
pub struct Shop {
    pub categories: CategoryServiceClient<MeshChannel>,
    pub attributes: AttributeServiceClient<MeshChannel>,
    pub products: ProductImportServiceClient<MeshChannel>,
    pub locations: InventoryServiceClient<MeshChannel>,
    pub stock: StockImportServiceClient<MeshChannel>,
}

impl Shop {
    /// Connects with the operator certificate in `<data>/pki`, and asks both services once, so that a shop that
    /// does not run is told before anything is read.
    ///
    /// # Errors
    /// When the shop was never started, or does not run now.
    pub async fn connect(shop: &ShopArgs) -> anyhow::Result<Self> {
        let client = shop.operator()?;
        let catalog = client.channel(ServiceName::Catalog);
        let inventory = client.channel(ServiceName::Inventory);
        ChannelServiceClient::new(catalog.clone())
            .list_channels(ListChannelsRequest {})
            .await
            .with_context(|| shop.not_running(ServiceName::Catalog))?;
        InventoryServiceClient::new(inventory.clone())
            .list_locations(ListLocationsRequest {})
            .await
            .with_context(|| shop.not_running(ServiceName::Inventory))?;
        Ok(Self {
            categories: CategoryServiceClient::new(catalog.clone()),
            attributes: AttributeServiceClient::new(catalog.clone()),
            products: ProductImportServiceClient::new(catalog),
            locations: InventoryServiceClient::new(inventory.clone()),
            stock: StockImportServiceClient::new(inventory),
        })
    }
}
