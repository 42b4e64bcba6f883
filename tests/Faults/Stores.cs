using Claimed.Database;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Faults;

/// <summary>The database of a scenario: the settings of the program, and a look of our own at its rows.</summary>
public sealed class Store(string name, IReadOnlyDictionary<string, string> settings, Action<DbContextOptionsBuilder<RegistryContext>, string> use)
{
    public static Store Sqlite { get; } = new("SQLite", new Dictionary<string, string>(), (options, data) =>
        Migrations.Sqlite.DesignTimeFactory.Use(options, $"Data Source={Path.Combine(data, "registry.db")};Pooling=false"));

    public string Name => name;

    public IReadOnlyDictionary<string, string> Settings => settings;

    public RegistryContext Open(RegistryProcess registry)
    {
        var options = new DbContextOptionsBuilder<RegistryContext>();
        use(options, registry.DataPath);
        return new RegistryContext(options.UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking).Options);
    }
}
