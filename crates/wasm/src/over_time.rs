//! Numbers over time across the boundary: columns as typed arrays.

use emberglass_engine::{HeatMapRequest, HeatMapRow, SeriesGroup};
use emberglass_wasm_base::{Thrown, from_js, to_js};
use js_sys::{Array, BigInt, Float64Array, Object, Reflect, Uint32Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::{Engine, selection};
use crate::watch::CallWatch;

fn set(object: &Object, name: &str, value: &JsValue) -> Thrown<()> {
    Reflect::set(object, &JsValue::from_str(name), value).map(|_set| ())
}

fn group(of: &SeriesGroup) -> Thrown<Object> {
    let object = Object::new();
    set(&object, "labels", &to_js(&of.labels.iter().collect::<Vec<_>>())?)?;
    set(&object, "values", &Float64Array::from(of.values.as_slice()))?;
    set(&object, "profiles", &Uint32Array::from(of.profiles.as_slice()))?;
    Ok(object)
}

fn row(of: &HeatMapRow) -> Thrown<Object> {
    let object = Object::new();
    match of {
        HeatMapRow::Values(range) => {
            set(&object, "from", &BigInt::from(range.from))?;
            set(&object, "until", &BigInt::from(range.until))?;
            set(&object, "scale", &JsValue::from(range.scale))?;
        }
        HeatMapRow::Labels(labels) => set(&object, "labels", &to_js(&labels.iter().collect::<Vec<_>>())?)?,
    }
    Ok(object)
}

#[wasm_bindgen]
impl Engine {
    /// Totals over time.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn series(&self, of: JsValue, steps: u32, watch: JsValue) -> Thrown<JsValue> {
        let (of, watch) = (selection(of)?, CallWatch::new(&watch));
        let series = watch.run(self.db().series(&of, steps, &watch)).await?;
        let answer = Object::new();
        set(&answer, "start", &BigInt::from(series.start))?;
        set(&answer, "step", &BigInt::from(series.step))?;
        set(&answer, "values", &Float64Array::from(series.values.as_slice()))?;
        set(&answer, "profiles", &Uint32Array::from(series.profiles.as_slice()))?;
        set(&answer, "missing", &to_js(&series.missing)?)?;
        Ok(answer.into())
    }

    /// Totals over time by labels.
    ///
    /// # Errors
    /// A bad selection or labels, or what the storage says.
    pub async fn grouped_series(
        &self,
        of: JsValue,
        group_by: String,
        steps: u32,
        limit: u32,
        watch: JsValue,
    ) -> Thrown<JsValue> {
        let (of, watch) = (selection(of)?, CallWatch::new(&watch));
        let series = watch.run(self.db().grouped_series(&of, &group_by, steps, limit, &watch)).await?;
        let answer = Object::new();
        set(&answer, "start", &BigInt::from(series.start))?;
        set(&answer, "step", &BigInt::from(series.step))?;
        let groups: Array = series.groups.iter().map(group).collect::<Thrown<_>>()?;
        set(&answer, "groups", &groups)?;
        let rest = match &series.rest {
            None => JsValue::NULL,
            Some((count, rest)) => {
                let rest = group(rest)?;
                set(&rest, "count", &JsValue::from(*count))?;
                rest.into()
            }
        };
        set(&answer, "rest", &rest)?;
        set(&answer, "missing", &to_js(&series.missing)?)?;
        Ok(answer.into())
    }

    /// Counts by step of time and by value, or by labels.
    ///
    /// # Errors
    /// A bad selection or labels, `too-many-steps`, or what the storage says.
    pub async fn heat_map(&self, of: JsValue, request: JsValue, watch: JsValue) -> Thrown<JsValue> {
        let (of, watch) = (selection(of)?, CallWatch::new(&watch));
        let request: HeatMapRequest = from_js(request)?;
        let map = watch.run(self.db().heat_map(&of, &request, &watch)).await?;
        let answer = Object::new();
        set(&answer, "start", &BigInt::from(map.start))?;
        set(&answer, "step", &BigInt::from(map.step))?;
        set(&answer, "profiles", &JsValue::from(map.profiles))?;
        let rows: Array = map.rows.iter().map(row).collect::<Thrown<_>>()?;
        set(&answer, "rows", &rows)?;
        set(&answer, "counts", &Float64Array::from(map.counts.as_slice()))?;
        set(&answer, "missing", &to_js(&map.missing)?)?;
        Ok(answer.into())
    }
}
