// Draws a dashboard's JSON with Grafana's own components: its grid, units, colours, thresholds, legends and axes. What a
// Grafana server would add, the queries, is in `window.answers`: by panel, frames as its Prometheus source makes them.

import React from "react";
import { createRoot } from "react-dom/client";
import { applyFieldOverrides, createTheme, dateTime, FieldType, ThemeContext, toDataFrame } from "@grafana/data";
import { GlobalStyles, PanelChrome, TimeSeries, TooltipDisplayMode } from "@grafana/ui";
import "uplot/dist/uPlot.min.css";

const COLUMNS = 24;
const CELL = 30;
const GAP = 8;
const PLUGIN_DEFAULTS = {
  drawStyle: "line", lineInterpolation: "linear", lineWidth: 1, fillOpacity: 0, gradientMode: "none", spanNulls: false,
  showPoints: "auto", pointSize: 5, axisPlacement: "auto", axisLabel: "", axisGridShow: true, axisCenteredZero: false,
  axisBorderShow: false, scaleDistribution: { type: "linear" }, stacking: { group: "A", mode: "none" },
  thresholdsStyle: { mode: "off" }, hideFrom: { tooltip: false, viz: false, legend: false }, insertNulls: false,
};
const [from, to] = window.span.map((moment) => dateTime(moment));
const range = { from, to, raw: { from, to } };
const theme = createTheme({ colors: { mode: window.mode } });

function framesOf(panel) {
  const { defaults } = panel.fieldConfig;
  const config = { color: { mode: "palette-classic" }, ...defaults, custom: { ...PLUGIN_DEFAULTS, ...defaults.custom } };
  const frames = (window.answers[panel.id] ?? []).map(({ refId, name, labels, at, values }) =>
    toDataFrame({
      refId,
      fields: [
        { name: "Time", type: FieldType.time, values: at, config: {} },
        { name: "Value", type: FieldType.number, values, labels, config: { ...config, displayNameFromDS: name } },
      ],
    }));
  return applyFieldOverrides({
    data: frames, fieldConfig: { defaults: {}, overrides: [] }, replaceVariables: (text) => text, theme, timeZone: "utc",
  });
}

function Panel({ panel, cell }) {
  const { x, y, w, h } = panel.gridPos;
  const width = w * cell - GAP;
  const height = h * (CELL + GAP) - GAP;
  const legend = { showLegend: true, displayMode: "list", placement: "bottom", calcs: [], ...panel.options?.legend };
  const frames = framesOf(panel);
  const place = { position: "absolute", left: x * cell, top: y * (CELL + GAP), width, height };
  return (
    <div style={place} data-panel={panel.title}>
      <PanelChrome width={width} height={height} title={panel.title} description={panel.description || undefined}>
        {(innerWidth, innerHeight) => frames.length === 0 ? <div className="nothing">No data</div> : (
          <TimeSeries
            frames={frames} width={innerWidth} height={innerHeight} legend={legend} timeZone="utc"
            timeRange={range} tweakScale={(one) => one} tweakAxis={(one) => one} replaceVariables={(text) => text}
            options={{ tooltip: { mode: TooltipDisplayMode.None }, legend }}
          >
            {() => null}
          </TimeSeries>
        )}
      </PanelChrome>
    </div>
  );
}

function Dashboard({ shown, width }) {
  const rows = Math.max(...shown.panels.map((panel) => panel.gridPos.y + panel.gridPos.h));
  const cell = width / COLUMNS;
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles isExtensionSidebarOpen={false} />
      <div style={{ position: "relative", width, height: rows * (CELL + GAP) }}>
        {shown.panels.map((panel) => <Panel key={panel.id} panel={panel} cell={cell} />)}
      </div>
    </ThemeContext.Provider>
  );
}

document.body.style.cssText = `margin: ${GAP}px; background: ${theme.colors.background.canvas}; color: ${theme.colors.text.primary}; font: 14px Inter, sans-serif`;
createRoot(document.getElementById("dashboard")).render(<Dashboard shown={window.dashboard} width={window.innerWidth - 2 * GAP} />);
