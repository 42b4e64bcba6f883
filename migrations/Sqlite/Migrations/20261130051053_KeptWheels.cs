using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Claimed.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class KeptWheels : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Lists may have had those that are there.
            migrationBuilder.AddColumn<bool>(
                name: "Kept",
                table: "wheels",
                type: "INTEGER",
                nullable: false,
                defaultValue: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Kept",
                table: "wheels");
        }
    }
}
