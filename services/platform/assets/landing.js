// Shows /api/status and asks again every five seconds, while the page is looked at.
"use strict";

const INTERVAL = 5000;
const STATES = {
  SERVING_STATE_SERVING: ["Serving", "good"],
  SERVING_STATE_STARTING: ["Starting", "wait"],
  SERVING_STATE_DRAINING: ["Draining", "wait"],
};

/** Seconds of a duration such as `1.5s`; none if there is none. */
const seconds = (duration) => (duration ? parseFloat(duration) : undefined);

function milliseconds(duration) {
  const time = seconds(duration);
  return time === undefined ? "–" : `${(time * 1000).toFixed(1)} ms`;
}

function span(duration) {
  const time = seconds(duration);
  if (time === undefined) return "–";
  if (time < 60) return `${Math.floor(time)} s`;
  if (time < 3600) return `${Math.floor(time / 60)} min`;
  if (time < 86400) return `${Math.floor(time / 3600)} h ${Math.floor((time % 3600) / 60)} min`;
  return `${Math.floor(time / 86400)} d ${Math.floor((time % 86400) / 3600)} h`;
}

function cell(kind, text, style) {
  const element = document.createElement(kind);
  element.textContent = text;
  element.className = style;
  if (kind === "th") element.scope = "row";
  return element;
}

function row(report) {
  const [state, style] = STATES[report.state] ?? ["Unreachable", "bad"];
  const element = document.createElement("tr");
  element.append(
    cell("th", report.service, ""),
    cell("td", state, `state ${style}`),
    cell("td", report.version || "–", ""),
    cell("td", milliseconds(report.latency), "number"),
    cell("td", span(report.uptime), "number"),
  );
  return element;
}

/** Changes the headline only when it says something new: it is read out. */
function tell(text, style) {
  const overall = document.getElementById("overall");
  if (overall.textContent !== text) overall.textContent = text;
  overall.className = style;
}

async function refresh() {
  try {
    const answer = await fetch("/api/status", { cache: "no-store" });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const status = await answer.json();
    document.getElementById("services").replaceChildren(...status.services.map(row));
    const well = status.state === "SYSTEM_STATE_OPERATIONAL";
    tell(well ? "All services are serving" : "Some services are not serving", well ? "good" : "bad");
    document.getElementById("asked").textContent = `as of ${new Date().toLocaleTimeString()}`;
  } catch (error) {
    tell(`The status cannot be read: ${error.message}`, "bad");
  }
}

refresh();
setInterval(() => document.hidden || refresh(), INTERVAL);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
