/* WGS-84 into the system that the map's tiles are drawn in: the same functions as webapp/atlas/datums.py, which says where
   they come from; a test compares both. Degrees, latitude first. */
(function () {
  "use strict";
  var AXIS = 6378245, BENT = 0.00669342162296594323, BAIDU = Math.PI * 3000 / 180;

  function swing(at, short, long) { return short * Math.sin(at * Math.PI) + long * Math.sin(at / 3 * Math.PI); }

  function toGcj(latitude, longitude) {
    if (latitude < 0.8293 || latitude > 55.8271 || longitude < 72.004 || longitude > 137.8347) { return [latitude, longitude]; }
    var x = longitude - 105, y = latitude - 35, root = Math.sqrt(Math.abs(x));
    var waves = 20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI);
    var north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root;
    north += (waves + swing(y, 20, 40) + 160 * Math.sin(y / 12 * Math.PI) + 320 * Math.sin(y * Math.PI / 30)) * 2 / 3;
    var east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root;
    east += (waves + swing(x, 20, 40) + 150 * Math.sin(x / 12 * Math.PI) + 300 * Math.sin(x / 30 * Math.PI)) * 2 / 3;
    var angle = latitude * Math.PI / 180, bulge = 1 - BENT * Math.pow(Math.sin(angle), 2);
    var up = AXIS * (1 - BENT) / (bulge * Math.sqrt(bulge)) * Math.PI / 180;
    var across = AXIS / Math.sqrt(bulge) * Math.cos(angle) * Math.PI / 180;
    return [latitude + north / up, longitude + east / across];
  }

  function toBd(latitude, longitude) {
    var away = Math.sqrt(longitude * longitude + latitude * latitude) + 0.00002 * Math.sin(latitude * BAIDU);
    var angle = Math.atan2(latitude, longitude) + 0.000003 * Math.cos(longitude * BAIDU);
    return [away * Math.sin(angle) + 0.006, away * Math.cos(angle) + 0.0065];
  }

  window.DATUMS = {
    shown: function (datum, latitude, longitude) {
      if (datum !== "gcj02" && datum !== "bd09") { return [latitude, longitude]; }
      var at = toGcj(latitude, longitude);
      return datum === "bd09" ? toBd(at[0], at[1]) : at;
    }
  };
}());
