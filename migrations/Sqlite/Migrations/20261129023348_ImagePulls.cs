using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Claimed.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class ImagePulls : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "Pulls",
                table: "image_repositories",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "Pulls",
                table: "image_manifests",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Pulls",
                table: "image_repositories");

            migrationBuilder.DropColumn(
                name: "Pulls",
                table: "image_manifests");
        }
    }
}
