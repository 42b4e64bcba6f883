using Microsoft.EntityFrameworkCore;

namespace Claimed.Database.Search;

/// <summary>The tables of the search, beside its index.</summary>
internal static class SearchTables
{
    public static void Configure(ModelBuilder model)
    {
        // The index itself, search_index, is no table of the model: FTS5 on SQLite, a tsvector on PostgreSQL. Migrations make it.
        model.Entity<SearchDocument>(table =>
        {
            table.ToTable("search_documents");
            table.HasKey(row => row.ComponentId);
            table.Property(row => row.ComponentId).ValueGeneratedNever();
        });
        model.Entity<SearchHead>(table =>
        {
            table.ToTable("search_head");
            table.Property(row => row.Id).ValueGeneratedNever();
            table.HasData(new SearchHead { Id = 1, Serial = SearchHead.Nothing, Format = 0 });
        });
    }
}
