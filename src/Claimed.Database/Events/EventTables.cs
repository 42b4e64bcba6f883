using Microsoft.EntityFrameworkCore;

namespace Claimed.Database.Events;

/// <summary>The tables of events, webhooks and mirrors.</summary>
internal static class EventTables
{
    public static void Configure(ModelBuilder model)
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
}
