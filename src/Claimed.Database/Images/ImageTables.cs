using Microsoft.EntityFrameworkCore;

namespace Claimed.Database.Images;

/// <summary>The tables of images.</summary>
internal static class ImageTables
{
    public static void Configure(ModelBuilder model)
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
