using Claimed.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Claimed.Migrations.Postgres;

/// <summary>What <c>dotnet ef</c> uses to write PostgreSQL migrations; also names the assembly to the service.</summary>
public sealed class DesignTimeFactory : IDesignTimeDbContextFactory<RegistryContext>
{
    public RegistryContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<RegistryContext>();
        Use(options, "Host=localhost");
        return new RegistryContext(options.Options);
    }

    public static void Use(DbContextOptionsBuilder options, string connection)
    {
        options.UseNpgsql(connection, postgres => postgres.MigrationsAssembly(typeof(DesignTimeFactory).Assembly.GetName().Name));
    }
}
