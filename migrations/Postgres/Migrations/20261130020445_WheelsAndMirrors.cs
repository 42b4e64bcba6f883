using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Claimed.Migrations.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class WheelsAndMirrors : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "mirrors",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Origin = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Serial = table.Column<long>(type: "bigint", nullable: false),
                    Mark = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Sight = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Pending = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    UpdatedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_mirrors", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "wheels",
                columns: table => new
                {
                    NamespaceId = table.Column<long>(type: "bigint", nullable: false),
                    Serial = table.Column<long>(type: "bigint", nullable: false),
                    Digest = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Size = table.Column<long>(type: "bigint", nullable: false),
                    RequiresPython = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    PackageDigest = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_wheels", x => new { x.NamespaceId, x.Serial });
                    table.ForeignKey(
                        name: "FK_wheels_namespaces_NamespaceId",
                        column: x => x.NamespaceId,
                        principalTable: "namespaces",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_mirrors_Origin",
                table: "mirrors",
                column: "Origin",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_wheels_Digest",
                table: "wheels",
                column: "Digest");

            migrationBuilder.CreateIndex(
                name: "IX_wheels_PackageDigest",
                table: "wheels",
                column: "PackageDigest");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "mirrors");

            migrationBuilder.DropTable(
                name: "wheels");
        }
    }
}
