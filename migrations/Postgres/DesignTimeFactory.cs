using Claimed.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Claimed.Migrations.Postgres;

/// <summary>What <c>dotnet ef</c> uses to write PostgreSQL migrations; also names the assembly to the service.</summary>
public sealed class DesignTimeFactory : IDesignTimeDbContextFactory<RegistryContext>
{
    public RegistryContext CreateDbContext(string[] args) => new(Use(new DbContextOptionsBuilder<RegistryContext>(), "Host=localhost").Options);

    public static DbContextOptionsBuilder<RegistryContext> Use(DbContextOptionsBuilder<RegistryContext> options, string connection)
    {
        options.UseNpgsql(connection, postgres => postgres.MigrationsAssembly(typeof(DesignTimeFactory).Assembly.GetName().Name));
        return options;
    }
}
