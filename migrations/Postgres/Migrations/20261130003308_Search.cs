using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Claimed.Migrations.Postgres.Migrations
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
                    ComponentId = table.Column<long>(type: "bigint", nullable: false),
                    Serial = table.Column<long>(type: "bigint", nullable: false),
                    Digest = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_search_documents", x => x.ComponentId);
                });

            migrationBuilder.CreateTable(
                name: "search_head",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false),
                    Serial = table.Column<long>(type: "bigint", nullable: false),
                    Format = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_search_head", x => x.Id);
                });

            migrationBuilder.InsertData(
                table: "search_head",
                columns: new[] { "Id", "Format", "Serial" },
                values: new object[] { 1, 0, -1L });

            migrationBuilder.Sql("CREATE TABLE search_index (\"ComponentId\" bigint NOT NULL PRIMARY KEY, \"Tokens\" tsvector NOT NULL)");

            // Without a list of pending entries, which every search would read to its end.
            migrationBuilder.Sql("CREATE INDEX \"IX_search_index_Tokens\" ON search_index USING gin (\"Tokens\") WITH (fastupdate = off)");
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
