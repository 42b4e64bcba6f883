using Claimed.Database.Access;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Database.Events;
using Claimed.Database.Images;
using Claimed.Database.Search;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Database;

/// <summary>The registry's tables, the same on SQLite and PostgreSQL.</summary>
public sealed class RegistryContext(DbContextOptions<RegistryContext> options) : DbContext(options)
{
    public DbSet<Namespace> Namespaces => Set<Namespace>();

    public DbSet<Component> Components => Set<Component>();

    public DbSet<ComponentVersion> Versions => Set<ComponentVersion>();

    public DbSet<Channel> Channels => Set<Channel>();

    public DbSet<Rendition> Renditions => Set<Rendition>();

    public DbSet<VersionRead> VersionReads => Set<VersionRead>();

    public DbSet<ComponentReads> ComponentReads => Set<ComponentReads>();

    public DbSet<StoredWheel> Wheels => Set<StoredWheel>();

    public DbSet<Build> Builds => Set<Build>();

    public DbSet<BuildLogPart> BuildLogParts => Set<BuildLogPart>();

    public DbSet<BuildBase> BuildBases => Set<BuildBase>();

    public DbSet<BuilderNode> BuilderNodes => Set<BuilderNode>();

    public DbSet<Webhook> Webhooks => Set<Webhook>();

    public DbSet<WebhookDelivery> WebhookDeliveries => Set<WebhookDelivery>();

    public DbSet<ImageRepository> Repositories => Set<ImageRepository>();

    public DbSet<RepositoryBlob> RepositoryBlobs => Set<RepositoryBlob>();

    public DbSet<ImageManifest> Manifests => Set<ImageManifest>();

    public DbSet<ImageTag> Tags => Set<ImageTag>();

    public DbSet<ImageReference> ImageReferences => Set<ImageReference>();

    public DbSet<AccessToken> Tokens => Set<AccessToken>();

    public DbSet<User> Users => Set<User>();

    public DbSet<Member> Members => Set<Member>();

    public DbSet<TrustRule> TrustRules => Set<TrustRule>();

    public DbSet<UsedAssertion> UsedAssertions => Set<UsedAssertion>();

    public DbSet<RateCount> RateCounts => Set<RateCount>();

    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    public DbSet<RegistryEvent> Events => Set<RegistryEvent>();

    public DbSet<EventHead> EventHeads => Set<EventHead>();

    public DbSet<SearchDocument> SearchDocuments => Set<SearchDocument>();

    public DbSet<SearchHead> SearchHeads => Set<SearchHead>();

    public DbSet<Mirror> Mirrors => Set<Mirror>();

    private bool OnPostgres => Database.ProviderName?.Contains("Npgsql", StringComparison.Ordinal) == true;

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions)
    {
        // Both databases must order and compare text by bytes; SQLite does by default, PostgreSQL follows its locale.
        if (OnPostgres)
            conventions.Properties<string>().UseCollation("C");
    }

    protected override void OnModelCreating(ModelBuilder model)
    {
        CatalogTables.Configure(model);
        BuildTables.Configure(model);
        ImageTables.Configure(model);
        AccessTables.Configure(model);
        EventTables.Configure(model);
        SearchTables.Configure(model);
    }
}
