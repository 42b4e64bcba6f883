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
        model.Entity<Namespace>(table =>
        {
            table.ToTable("namespaces");
            table.HasIndex(row => row.Name).IsUnique();
        });
        model.Entity<Component>(table =>
        {
            table.ToTable("components");
            table.HasIndex(row => new { row.NamespaceId, row.Name }).IsUnique();
            table.HasOne(row => row.Namespace).WithMany().HasForeignKey(row => row.NamespaceId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<ComponentVersion>(table =>
        {
            table.ToTable("versions");
            table.HasIndex(row => new { row.ComponentId, row.Number }).IsUnique();
            table.HasIndex(row => new { row.ComponentId, row.BundleDigest });
            table.HasIndex(row => row.ImageDigest);
            // Most versions stay; those that are over and gone are not looked for again.
            table.HasIndex(row => row.ExpiresAt).HasFilter("\"ExpiresAt\" IS NOT NULL AND \"PurgedAt\" IS NULL");
            table.HasOne(row => row.Component).WithMany(row => row.Versions).HasForeignKey(row => row.ComponentId)
                .OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<Channel>(table =>
        {
            table.ToTable("channels");
            table.HasKey(row => new { row.ComponentId, row.Name });
            table.HasOne(row => row.Component).WithMany(row => row.Channels).HasForeignKey(row => row.ComponentId);
            table.HasOne(row => row.Version).WithMany().HasForeignKey(row => row.VersionId);
        });
        model.Entity<Rendition>(table =>
        {
            table.ToTable("renditions");
            table.HasKey(row => new { row.VersionId, row.Form, row.Revision });
            table.HasIndex(row => row.Digest);
            table.HasOne(row => row.Version).WithMany(row => row.Renditions).HasForeignKey(row => row.VersionId);
        });
        model.Entity<VersionRead>(table =>
        {
            table.ToTable("version_reads");
            table.HasKey(row => new { row.VersionId, row.Client, row.Day });
            table.HasIndex(row => row.Day);
        });
        model.Entity<ComponentReads>(table =>
        {
            table.ToTable("component_reads");
            table.HasKey(row => row.ComponentId);
            table.Property(row => row.ComponentId).ValueGeneratedNever();
        });
        model.Entity<StoredWheel>(table =>
        {
            table.ToTable("wheels");
            table.HasKey(row => new { row.NamespaceId, row.Serial });
            table.HasIndex(row => row.Digest);
            table.HasIndex(row => row.PackageDigest);
            table.HasOne(row => row.Namespace).WithMany().HasForeignKey(row => row.NamespaceId).OnDelete(DeleteBehavior.Cascade);
        });
        ConfigureBuilds(model);
        ConfigureImages(model);
        ConfigureAccess(model);
        ConfigureEvents(model);
        ConfigureSearch(model);
    }

    private static void ConfigureBuilds(ModelBuilder model)
    {
        model.Entity<Build>(table =>
        {
            table.ToTable("builds");
            // What a builder looks through: the first that is due in each namespace, how many run there, and when its last one began.
            table.HasIndex(row => new { row.State, row.NamespaceId, row.Id });
            table.HasIndex(row => new { row.NamespaceId, row.StartedAt });
            table.HasIndex(row => row.VersionId);
            table.HasIndex(row => row.Recipe).HasFilter("\"Recipe\" IS NOT NULL");
            table.HasOne(row => row.Version).WithMany(row => row.Builds).HasForeignKey(row => row.VersionId);
        });
        model.Entity<BuildBase>(table =>
        {
            table.ToTable("build_bases");
            table.HasKey(row => new { row.BuildId, row.Name });
            table.HasIndex(row => row.Name);
            table.HasIndex(row => row.Digest);
            table.HasOne<Build>().WithMany(row => row.Bases).HasForeignKey(row => row.BuildId);
        });
        model.Entity<BuildLogPart>(table =>
        {
            table.ToTable("build_log_parts");
            table.HasKey(row => new { row.BuildId, row.Part });
        });
        model.Entity<BuilderNode>(table =>
        {
            table.ToTable("builders");
            table.HasKey(row => row.Name);
        });
    }

    private static void ConfigureEvents(ModelBuilder model)
    {
        model.Entity<RegistryEvent>(table =>
        {
            table.ToTable("events");
            table.HasKey(row => row.Serial);
            // What happened to one component, in order.
            table.HasIndex(row => new { row.Subject, row.Serial });
            table.Property(row => row.Serial).ValueGeneratedNever();
        });
        model.Entity<EventHead>(table =>
        {
            table.ToTable("event_head");
            table.Property(row => row.Id).ValueGeneratedNever();
            table.HasData(new EventHead { Id = 1, Serial = 0 });
        });
        model.Entity<Webhook>(table =>
        {
            table.ToTable("webhooks");
            table.HasIndex(row => row.NamespaceId);
        });
        model.Entity<WebhookDelivery>(table =>
        {
            table.ToTable("webhook_deliveries");
            table.HasIndex(row => new { row.WebhookId, row.Id });
        });
        model.Entity<Mirror>(table =>
        {
            table.ToTable("mirrors");
            table.HasIndex(row => row.Origin).IsUnique();
        });
    }

    private static void ConfigureSearch(ModelBuilder model)
    {
        // The index itself, search_index, is no table of the model: FTS5 on SQLite, a tsvector on PostgreSQL. Migrations make it.
        model.Entity<SearchDocument>(table =>
        {
            table.ToTable("search_documents");
            table.HasKey(row => row.ComponentId);
            table.Property(row => row.ComponentId).ValueGeneratedNever();
        });
        model.Entity<SearchHead>(table =>
        {
            table.ToTable("search_head");
            table.Property(row => row.Id).ValueGeneratedNever();
            table.HasData(new SearchHead { Id = 1, Serial = SearchHead.Nothing, Format = 0 });
        });
    }

    private static void ConfigureAccess(ModelBuilder model)
    {
        model.Entity<AccessToken>(table =>
        {
            table.ToTable("tokens");
            table.HasIndex(row => row.Hash).IsUnique();
            table.HasIndex(row => row.UserId);
        });
        model.Entity<User>(table =>
        {
            table.ToTable("users");
            table.HasIndex(row => row.Name).IsUnique();
            table.HasIndex(row => new { row.Issuer, row.Subject }).IsUnique();
        });
        model.Entity<Member>(table =>
        {
            table.ToTable("members");
            table.HasKey(row => new { row.NamespaceId, row.Kind, row.Name });
            table.HasIndex(row => new { row.Kind, row.Name });
            table.HasOne(row => row.Namespace).WithMany().HasForeignKey(row => row.NamespaceId);
        });
        model.Entity<TrustRule>(table =>
        {
            table.ToTable("trust_rules");
            table.HasIndex(row => row.Namespace);
        });
        model.Entity<UsedAssertion>(table =>
        {
            table.ToTable("used_assertions");
            table.HasKey(row => row.Key);
        });
        model.Entity<RateCount>(table =>
        {
            table.ToTable("rate_counts");
            table.HasKey(row => new { row.Key, row.Window });
        });
        model.Entity<AuditEntry>(table =>
        {
            table.ToTable("audit");
            table.HasIndex(row => new { row.Namespace, row.Id });
        });
    }

    private static void ConfigureImages(ModelBuilder model)
    {
        model.Entity<ImageRepository>(table =>
        {
            table.ToTable("image_repositories");
            table.HasIndex(row => row.Name).IsUnique();
        });
        model.Entity<RepositoryBlob>(table =>
        {
            table.ToTable("image_blobs");
            table.HasKey(row => new { row.RepositoryId, row.Digest });
            table.HasIndex(row => row.Digest);
        });
        model.Entity<ImageManifest>(table =>
        {
            table.ToTable("image_manifests");
            table.HasKey(row => new { row.RepositoryId, row.Digest });
            table.HasIndex(row => row.Digest);
            table.HasIndex(row => new { row.RepositoryId, row.Subject });
        });
        model.Entity<ImageTag>(table =>
        {
            table.ToTable("image_tags");
            table.HasKey(row => new { row.RepositoryId, row.Name });
            table.HasIndex(row => new { row.RepositoryId, row.ManifestDigest });
        });
        model.Entity<ImageReference>(table =>
        {
            table.ToTable("image_references");
            table.HasKey(row => new { row.RepositoryId, row.ManifestDigest, row.Digest });
            table.HasIndex(row => new { row.RepositoryId, row.Digest });
        });
    }
}
