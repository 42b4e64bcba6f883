using Microsoft.EntityFrameworkCore;

namespace Claimed.Database.Catalog;

/// <summary>The tables of namespaces, components and versions.</summary>
internal static class CatalogTables
{
    public static void Configure(ModelBuilder model)
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
    }
}
