using Claimed.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Claimed.Migrations.Sqlite;

/// <summary>What <c>dotnet ef</c> uses to write SQLite migrations; also names the assembly to the service.</summary>
public sealed class DesignTimeFactory : IDesignTimeDbContextFactory<RegistryContext>
{
    public RegistryContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<RegistryContext>();
        Use(options, "Data Source=design.db");
        return new RegistryContext(options.Options);
    }

    public static void Use(DbContextOptionsBuilder options, string connection)
    {
        options.UseSqlite(connection, sqlite => sqlite.MigrationsAssembly(typeof(DesignTimeFactory).Assembly.GetName().Name));
    }
}
