using Microsoft.EntityFrameworkCore;

namespace Claimed.Database.Builds;

/// <summary>The tables of builds and builders.</summary>
internal static class BuildTables
{
    public static void Configure(ModelBuilder model)
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
}
