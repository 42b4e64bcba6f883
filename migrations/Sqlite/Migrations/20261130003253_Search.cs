using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Claimed.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Search : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "search_documents",
                columns: table => new
                {
                    ComponentId = table.Column<long>(type: "INTEGER", nullable: false),
                    Serial = table.Column<long>(type: "INTEGER", nullable: false),
                    Digest = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_search_documents", x => x.ComponentId);
                });

            migrationBuilder.CreateTable(
                name: "search_head",
                columns: table => new
                {
                    Id = table.Column<int>(type: "INTEGER", nullable: false),
                    Serial = table.Column<long>(type: "INTEGER", nullable: false),
                    Format = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_search_head", x => x.Id);
                });

            migrationBuilder.InsertData(
                table: "search_head",
                columns: new[] { "Id", "Format", "Serial" },
                values: new object[] { 1, 0, -1L });

            // Words come finished, divided by spaces: nothing is folded or split beyond ASCII, and positions are not asked for.
            migrationBuilder.Sql("CREATE VIRTUAL TABLE search_index USING fts5(\"Tokens\", tokenize='ascii', detail='none', columnsize=0)");

            // What is taken out leaves no trace in the index; a purge relies on it.
            migrationBuilder.Sql("INSERT INTO search_index(search_index, rank) VALUES ('secure-delete', 1)");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TABLE search_index");

            migrationBuilder.DropTable(
                name: "search_documents");

            migrationBuilder.DropTable(
                name: "search_head");
        }
    }
}
