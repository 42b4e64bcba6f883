using Npgsql;

namespace Claimed.Registry.Storage;

/// <summary>The connection string with limits where the operator has set none: a server that stands still must not hold requests for long.</summary>
public static class PostgresConnection
{
    public static string WithLimits(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        void Default(string name, object value)
        {
            // Only what the string names itself counts as set.
            if (!settings.ShouldSerialize(name))
                settings[name] = value;
        }
        Default("Timeout", 5);
        Default("Command Timeout", 10);
        Default("Cancellation Timeout", 1000);
        Default("Tcp Keepalive", true);
        // The same few statements come again and again; the server then parses and plans each once per connection. 0 is for poolers that cannot keep them.
        Default("Max Auto Prepare", 50);
        // A node that stands still within a transaction (a frozen machine, a cut line) must not hold what everyone needs; its work is undone, and it finds out.
        Default("Options", "-c idle_in_transaction_session_timeout=30s");
        Default("Application Name", "claimed-registry");
        return settings.ConnectionString;
    }
}
