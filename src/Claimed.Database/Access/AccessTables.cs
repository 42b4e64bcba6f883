using Microsoft.EntityFrameworkCore;

namespace Claimed.Database.Access;

/// <summary>The tables of tokens, people and rights.</summary>
internal static class AccessTables
{
    public static void Configure(ModelBuilder model)
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
}
